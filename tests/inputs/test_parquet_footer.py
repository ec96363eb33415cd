"""Footers of Parquet files: the places of column chunks as pyarrow has them, and damage of all kinds."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pyarrow import parquet

from edgelift.inputs.damage import CostlyFile
from edgelift.inputs.parquet import footer
from edgelift.inputs.parquet.footer import BadFooterError, places_of
from tests.inputs.parquet_files import row_of, write, write_values

if TYPE_CHECKING:
    from pathlib import Path

    from edgelift.inputs.parquet.footer import Place
    from tests.cli.conftest import Run

SEED = 1
MUTANTS = 200

READ_MUTANTS = """
import random, sys
from pathlib import Path
from edgelift.inputs.damage import DamagedFile
from edgelift.inputs.errors import UnfitError
from edgelift.inputs.limits import Limits
from edgelift.inputs.parquet.records import records

path, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
chance, good = random.Random(seed), path.read_bytes()
footer = len(good) - 8 - int.from_bytes(good[-8:-4], "little")
for number in range(count):
    data = bytearray(good)
    for _ in range(chance.choice([1, 1, 2])):
        place = chance.randrange(footer, len(data))
        data[place] = chance.choice([0, 1, 2, 127, 128, 255, data[place] ^ 1 << chance.randrange(8)])
    path.write_bytes(data)
    try:
        with path.open("rb") as file:
            for _ in records(file.fileno(), Limits(max_expansion=200)):
                pass
        print(number, "read", flush=True)
    except (UnfitError, DamagedFile) as error:
        print(number, type(error).__name__, flush=True)
"""


def places(data: bytes) -> list[list[Place]]:
    return places_of(lambda at, count: data[at : at + count], len(data))


def with_footer(footer: bytes) -> bytes:
    return b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"


@pytest.mark.parametrize("dictionary", [True, False])
@pytest.mark.parametrize("rows", [1, 50, 500])
def test_places_are_those_that_pyarrow_finds(tmp_path: Path, rows: int, dictionary: bool) -> None:  # noqa: FBT001
    path = tmp_path / "log.parquet"
    write(path, [row_of(number) for number in range(rows)], row_group_size=20, use_dictionary=dictionary)
    metadata = parquet.ParquetFile(path).metadata
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    expected = [
        [
            (column.dictionary_page_offset or column.data_page_offset)
            for column in map(group.column, range(group.num_columns))
        ]
        for group in groups
    ]
    found = places(path.read_bytes())
    assert [[place.start for place in group] for group in found] == expected
    for group, chunks in zip(groups, found, strict=True):
        columns = [group.column(number) for number in range(group.num_columns)]
        assert [place.length for place in chunks] == [column.total_compressed_size for column in columns]
        assert [place.values for place in chunks] == [column.num_values for column in columns]


def test_histograms_that_do_not_fit_the_schema_cost_their_file_only(run: Run, tmp_path: Path) -> None:
    path = write_values(tmp_path / "damaged.parquet", ["192.0.2.1", "192.0.2.2"])
    data = path.read_bytes()
    # The repetition of the column, field 3 before its name: 1, optional, becomes 0, required.
    before, after = b"\x25\x02\x18\x04c_ip", b"\x25\x00\x18\x04c_ip"
    assert data.count(before) == 1
    path.write_bytes(data.replace(before, after))
    good = write_values(tmp_path / "good.parquet", ["192.0.2.3"])
    done = run("transform", path, good)
    assert (done.code, done.out) == (1, b'{"c-ip":"192.0.2.3"}\n')
    assert done.messages[0].startswith(f"edgelift: {path}: damaged Parquet file after 0 rows: ")


def test_no_damage_of_a_footer_ends_the_process(tmp_path: Path) -> None:
    path = write(tmp_path / "log.parquet", [{"date": "2024-01-01", "c_ip": str(n)} for n in range(9)])
    words = [sys.executable, "-c", READ_MUTANTS, os.fspath(path), str(SEED), str(MUTANTS)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    lines = [line.split() for line in done.stdout.splitlines()]
    assert (done.returncode, len(lines)) == (0, MUTANTS), (SEED, lines[-1:], done.stderr[-500:])
    assert {"read", "DamagedParquet"} <= {outcome for _, outcome in lines}


def test_longest_footer_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_values(tmp_path / "log.parquet", ["192.0.2.1"]).read_bytes()
    length = int.from_bytes(data[-8:-4], "little")
    monkeypatch.setattr(footer, "LARGEST_FOOTER", length)
    assert len(places(data)) == 1
    monkeypatch.setattr(footer, "LARGEST_FOOTER", length - 1)
    with pytest.raises(CostlyFile, match=f"has a footer of {length:,} bytes, more than {length - 1:,}"):
        places(data)


# A struct of metadata: values 1, length 2, data page at 3; all of them i64, in zigzag.
METADATA = b"\x56\x02\x26\x04\x26\x06\x00"


@pytest.mark.parametrize(
    ("chunk", "place"),
    [
        (b"\x3c" + METADATA, (3, 2, 1)),
        (b"\x3c" + METADATA[:-1] + b"\x26\x02\x00", (1, 2, 1)),
        # The struct twice, the second time without a length; a field with an id of more than 16 bits.
        (b"\x3c" + METADATA + b"\x0c\x06" + b"\x56\x08\x00", (3, 2, 4)),
        (b"\x0c\x86\x80\x08" + METADATA, (3, 2, 1)),
    ],
)
def test_footers_are_read_as_other_readers_do(chunk: bytes, place: tuple[int, int, int]) -> None:
    data = with_footer(b"\x49\x1c" + b"\x19\x1c" + chunk + b"\x00" + b"\x00" + b"\x00")
    assert places(data) == [[place]]


@pytest.mark.parametrize(
    "footer",
    [
        b"",
        b"\x49\x1c",
        # Four billion row groups; a column without metadata; metadata without a length.
        b"\x49\xfc\xff\xff\xff\xff\x0f" + bytes(10),
        b"\x49\x1c" + b"\x19\x1c" + bytes(3),
        b"\x49\x1c" + b"\x19\x1c" + b"\x3c\x56\x02\x46\x06\x00" + bytes(3),
    ],
)
def test_damaged_footers_are_refused(footer: bytes) -> None:
    with pytest.raises(BadFooterError):
        places(with_footer(footer))


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1\xff\xff\xff\x7fPAR1"])
def test_footers_longer_than_the_file_are_refused(data: bytes) -> None:
    with pytest.raises(BadFooterError, match="the footer is longer than the file"):
        places(data)
