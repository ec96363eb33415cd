"""A run of chaos: its rows, its settings and its faults, all of which follow from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from edgelift import FIELDS
from edgelift.simulate.faults import KINDS, Fault
from edgelift.simulate.stream import START
from tests.fuzz.reference import toml

from .rows import ID, MOST_BYTES, OPTIONAL, Layouts, Maker, choose_layouts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .rows import Row

PREFIX = "cdn-logs"

HANDLERS = ("raw", "dict", "pure")

_YEAR = 31_536_000

_ROTATIONS = {
    "NoRotation": "none",
    "OneHour": "hour",
    "OneDay": "day",
    "OneWeek": "week",
    "OneMonth": "month",
}
"""Firehose's rotations in a configuration."""


@dataclass(frozen=True)
class Case:
    """All that is chosen by chance.

    Attributes:
        seed: of the choice, and of the stream.
        puts: rows, and the seconds before they arrive.
        config: configuration of the function.
        corrected: configuration with which the backup is reprocessed.
        id_key: key of the request id in documents.
        handler: one of `HANDLERS`.
        in_process: whether the function is called here, or runs in Lambda's runtime client.
        place: ``memory`` or ``embedded``.
        settings: those of the stream.
        faults: what happens where, and when.
        busy: share of documents that the index rejects with 429.
        knows_change: whether the function knows rows of a changed layout; otherwise they fail at first.
        reprocesses_all: whether source records in the backup are reprocessed, too.
        by_command: whether a separate process reprocesses.
        is_repeated: whether the backup is reprocessed twice, and its objects deleted by the second job.
        has_pauses: whether the stream delivers all there is after each put, instead of once at the end.
        optional: key of the value that the function leaves out if its answer is too large, or None.

    """

    seed: int
    puts: Sequence[tuple[list[Row], float]]
    config: str
    corrected: str
    id_key: str
    handler: str
    in_process: bool
    place: str
    settings: dict[str, Any]
    faults: list[Fault]
    busy: float
    knows_change: bool
    reprocesses_all: bool
    by_command: bool
    is_repeated: bool
    has_pauses: bool
    optional: str | None

    @property
    def rows(self) -> list[Row]:
        return [row for rows, _ in self.puts for row in rows]

    @property
    def retains(self) -> bool:
        """Return true if objects that the backup refuses are tried again for as long as any fault goes on."""
        return bool(self.settings["retention"] == _YEAR)

    @property
    def has_ids(self) -> bool:
        return bool(self.settings["document_ids"] == "FIREHOSE_DEFAULT")


def choose(seed: int, place: str | None = None) -> Case:
    """Choose a run.

    Args:
        seed: of the choice.
        place: where documents go, if it is not to be chosen.

    """
    chance = Random(f"chaos {seed}")  # noqa: S311 - no secret
    is_large = place is None and chance.random() < 0.04
    in_process = chance.random() < 0.92
    chosen_place = "embedded" if chance.random() < 0.05 else "memory"
    place = place or chosen_place
    output = _output(chance, is_indexed=place != "memory")
    layouts = choose_layouts(chance, 6 if is_large else 12, is_text=output.get("values") == "text")
    number = 700 if is_large else chance.choice([1, 30, 300, 300, 600, 1200])
    if place != "memory" or not in_process:
        number = min(number, 300)
    backup_mode = chance.choice(["FailedDocumentsOnly", "FailedDocumentsOnly", "AllDocuments"])
    knows_change = chance.random() < 0.5
    settings = _settings(chance, backup_mode, is_large=is_large)
    handler = chance.choice(HANDLERS)
    policy = chance.choice(["fail", "slim", "reingest"]) if is_large and handler != "pure" else "fail"
    if policy == "reingest" and not in_process:
        # From another process they would go to AWS.
        policy = "fail"
    config, corrected = (
        _config(layouts, output, settings["rotation"], changed=changed) for changed in (knows_change, True)
    )
    if policy != "fail":
        config += toml(
            {"overflow": {"policy": policy} | ({"optional": [OPTIONAL]} if policy == "slim" else {})}
        )
    reprocesses_all = backup_mode == "AllDocuments" and chance.random() < 0.5
    if not reprocesses_all and chance.random() < 0.1:
        # A backup that refuses everything for so long loses records, which the account says.
        settings["retention"] = chance.choice([0, 30])
    bad = chance.choice([0.01, 0.01, 0.1])
    maker = Maker(chance, layouts, start=START, bad=bad, as_lines=reprocesses_all, is_large=is_large)
    return Case(
        seed,
        _puts(chance, [maker.row() for _ in range(number)]),
        config,
        corrected,
        FIELDS[ID].keys[output["names"]],
        handler,
        in_process,
        place,
        settings,
        _faults(chance, few=not in_process),
        chance.choice([0, 0, 0.02, 0.3]),
        knows_change,
        reprocesses_all=reprocesses_all,
        by_command=chance.random() < 0.03,
        is_repeated=chance.random() < 0.2,
        has_pauses=chance.random() < 0.2,
        optional=FIELDS[OPTIONAL].keys[output["names"]] if policy == "slim" else None,
    )


def _output(chance: Random, *, is_indexed: bool) -> dict[str, Any]:
    output: dict[str, Any] = {"names": chance.choice(["cloudfront", "snake", "ecs", "otel"])}
    if not is_indexed:
        output |= {
            "values": chance.choice(["typed", "typed", "text"]),
            "missing": chance.choice(["omit", "null"]),
            "decode": chance.choice([True, False]),
            "timestamp": chance.choice(["epoch_millis", "iso8601", "verbatim"]),
            # With one, all documents are malformed for Firehose, and are in the backup.
            "newline": chance.random() < 0.03,
        }
    return output


def _config(layouts: Layouts, output: dict[str, Any], rotation: str, *, changed: bool) -> str:
    # Bulk bodies have no weeks.
    bulk = {"index": f"{PREFIX}-{{yyyy}}-{{MM}}"} if rotation == "OneWeek" else {}
    return toml(
        {
            "input": {
                "bad_value": "keep" if layouts.keeps else "fail",
                "format": "auto" if layouts.reads_json else "realtime",
                "max_record_bytes": MOST_BYTES,
            },
            "output": output,
            "opensearch": {"index_prefix": PREFIX, "rotation": _ROTATIONS[rotation]},
            "bulk": bulk,
            "layouts": layouts.tables(changed=changed),
        }
    )


def _puts(chance: Random, rows: list[Row]) -> list[tuple[list[Row], float]]:
    """Divide rows into several puts, with pauses in which buffers get old."""
    puts: list[tuple[list[Row], float]] = []
    while rows:
        size = chance.choice([1, 20, 100, 400])
        puts.append((rows[:size], chance.choice([0, 0, 1, 70, 1000])))
        rows = rows[size:]
    return puts


def _settings(chance: Random, backup_mode: str, *, is_large: bool) -> dict[str, Any]:
    return {
        "backup_mode": backup_mode,
        "shards": chance.choice([1, 1, 2, 5]),
        "rate": 1000 if is_large else chance.choice([5, 50, 500, 5000]),
        "buffer_mb": 3 if is_large else chance.choice([0.2, 1, 3]),
        "interval": 60 if is_large else chance.choice([0, 1, 10, 60, 900]),
        "retries": chance.choice([0, 1, 3, 3]),
        "function_seconds": chance.choice([0, 0.1, 5]),
        "index_interval": chance.choice([0, 10, 60]),
        "rotation": chance.choice(list(_ROTATIONS)),
        "retry_seconds": chance.choice([0, 10, 300, 300, 7200]),
        "document_ids": chance.choice(["FIREHOSE_DEFAULT", "NO_DOCUMENT_ID"]),
        "backup_buffer_mb": chance.choice([1, 5]),
        "backup_interval": chance.choice([0, 60, 900]),
        "compression": chance.choice(["UNCOMPRESSED", "GZIP"]),
        "retention": _YEAR,
    }


def _faults(chance: Random, *, few: bool) -> list[Fault]:
    """Choose faults of all places, in random order: of several that strike a batch, the first one does."""
    kinds = [(at, kind) for at, kinds in KINDS.items() for kind in kinds]
    chance.shuffle(kinds)
    # Sometimes none, and sometimes all of them at once.
    chosen = kinds[: chance.choice([0, 3, 6, 12, len(kinds)])]
    share = 0.02 if few or len(chosen) > 12 else chance.choice([0.02, 0.1, 0.4])
    faults = []
    for at, kind in chosen:
        seconds = chance.choice([0, 0, 5, 60, 400])
        if chance.random() < 0.3:
            batches = tuple(sorted(chance.sample(range(1, 12), chance.randint(1, 3))))
            faults.append(Fault(at, kind, batches=batches, duration_s=seconds))
        else:
            faults.append(Fault(at, kind, probability=share, duration_s=seconds))
    return faults
