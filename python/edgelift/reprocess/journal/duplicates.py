"""Objects of one name: their error objects would replace each other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from edgelift.reprocess.objects import display_path

if TYPE_CHECKING:
    import sqlite3


def refuse_equal_names(base: sqlite3.Connection) -> None:
    """Refuse each listed object that has the name of an earlier one, such as ``s3://b/k`` after ``/b/k``."""
    equal = base.execute("SELECT name, min(id) FROM objects GROUP BY name HAVING count(*) > 1").fetchall()
    for name, first in equal:
        (place,) = base.execute("SELECT place FROM objects WHERE id = ?", (first,)).fetchone()
        problem = f"it would get the names of {display_path(os.fsdecode(place))}: list it in another job"
        base.execute(
            "UPDATE objects SET state = 'refused', target = NULL, problem = ? "
            "WHERE name = ? AND id != ? AND state != 'refused'",
            (problem, name, first),
        )
