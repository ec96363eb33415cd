"""The options of ``edgelift simulate`` that repeat settings of a stream, which are slow to import."""

from __future__ import annotations

import math
from typing import Any, get_type_hints

import pytest

from edgelift.cli.simulate.options import Options
from edgelift.errors import EdgeliftError
from edgelift.simulate import Settings


@pytest.mark.parametrize("name", ["shards", "rate", "buffer_mb", "interval", "timeout"])
def test_options_have_the_default_and_the_range_of_their_setting(name: str) -> None:
    assert getattr(Options(), name) == getattr(Settings(), name)
    (option,) = get_type_hints(Options, include_extras=True)[name].__metadata__
    for value in option.least, option.most:
        setting: dict[str, Any] = {name: value}
        Settings(**setting)
    for value in math.nextafter(option.least, -math.inf), math.nextafter(option.most, math.inf):
        setting = {name: value}
        with pytest.raises(EdgeliftError, match=name):
            Settings(**setting)
