"""State that the parts of one delivery stream share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from edgelift.simulate.account import Ledger
    from edgelift.simulate.clock import Clock
    from edgelift.simulate.settings import Settings


@dataclass(frozen=True, slots=True)
class Run:
    """State that the parts of one delivery stream share.

    Attributes:
        settings: the settings.
        clock: the virtual time.
        chance: decides all that is chosen by chance.
        ledger: counts what becomes of the records.

    """

    settings: Settings
    clock: Clock
    chance: random.Random
    ledger: Ledger
