"""The objects of a journal: one to be done, one that was done, and the identities of its outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgelift.reprocess.objects import LogObject
    from edgelift.reprocess.tally import Tally


@dataclass(frozen=True, slots=True)
class Task:
    """An object to be done.

    Attributes:
        number: its number in the journal, from 1, in the order of the listing.
        target: place of its output, or None if objects have no own one.
        is_retry: true if an earlier attempt failed.

    """

    number: int
    object: LogObject
    target: str | None
    is_retry: bool


@dataclass(frozen=True, slots=True)
class Written:
    """Identities of the outputs of an object, which show whether something replaced them.

    Attributes:
        documents: that of its documents, or None.
        failed: that of its error object, or None.

    """

    documents: str | None
    failed: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An object and what became of it.

    Attributes:
        state: ``to do``, ``done``, ``failed`` or ``refused``.
        problem: what is wrong with it, or None; done objects may have one, too.

    """

    place: str
    state: str
    problem: str | None
    tally: Tally
