#!/usr/bin/env python3
"""Write ``fields.md``, the table of all fields, from the table in the engine.

``python docs/make_fields.py`` writes the page beside this script.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edgelift import FIELDS

if TYPE_CHECKING:
    from edgelift import Field

PAGE = Path(__file__).with_name("fields.md")

HEAD = """\
<!-- Made by docs/make_fields.py; do not edit. -->

# Fields

Every field of CloudFront's real-time logs in the order in which CloudFront delivers them. `edgelift.FIELDS`
holds the same in Python, and `edgelift fields` shows it.

- **kind**: how the value is read and written; see [values.md](values.md#kinds). A `*` marks an unproven
  field: no recorded row shows its values yet, so a value that does not fit
  [goes into `_unparsed`](values.md#_unparsed) and never fails a record.
- **ecs**, **otel**: the key in the document in these naming profiles. In the profile `cloudfront` the key is
  the field's own name, in `snake` the name with `_` for each `-`.
- **standard**: the name of the same value in standard (access) logs, where they have it.

| # | field | kind | ecs | otel | standard | meaning |
|--:|---|---|---|---|---|---|
"""


def page() -> str:
    """Make the text of the page."""
    return HEAD + "".join(map(_row, FIELDS.values()))


def _row(field: Field) -> str:
    cells = (
        str(field.position),
        f"`{field.name}`",
        field.kind + r"\*" * field.unproven,
        f"`{field.keys['ecs']}`",
        f"`{field.keys['otel']}`",
        f"`{field.standard}`" if field.standard else "",
        field.meaning.replace("|", r"\|"),
    )
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
