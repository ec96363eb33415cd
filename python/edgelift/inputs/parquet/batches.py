"""Batches of a Parquet row group: as many rows at once as a bounded number of bytes allows."""

from __future__ import annotations

import os
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from edgelift.inputs.damage import CostlyFile, check_expansion
from edgelift.inputs.parquet.footer import BadFooterError, places_of
from edgelift.inputs.parquet.pages import (
    DELTA_BYTE_ARRAY,
    DICTIONARY_ENCODINGS,
    BadHeaderError,
    pages_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift.inputs.parquet.footer import Place
    from edgelift.inputs.parquet.pages import Page

BATCH_ROWS: Final = 8_192
"""Rows of a batch at most: fewer cost more, since each batch copies the dictionaries."""

SALVAGE_ROWS: Final = 256
"""Rows of a batch once a larger one has met damage."""

BATCH_VALUES: Final = 1 << 20
"""Values of a batch at most: each takes some bytes, whatever it holds."""

BATCH_BYTES: Final = 32 * 1024 * 1024
"""Bytes of the values of a batch at most, unless a single row has more."""

PAGE_BYTES: Final = 256 * 1024 * 1024
"""Bytes of the largest pages of all columns at most, which are in memory at once.

Usual pages have 1 MiB, those of DuckDB up to 100 MB; Apache Arrow's Go implementation takes as much for one.
"""

READ: Final = 64 * 1024
"""Bytes that are read of a column at once, so that memory does not depend on the size of a row group."""


class Batches:
    """The batches of a Parquet file, all of whose columns are strings or bytes.

    Args:
        source: the file, open for reading, unbuffered.
        metadata: its metadata, as pyarrow has read it.
        names: names of its columns.
        max_expansion: as for `edgelift.inputs.layers.decompressed`, of pages.

    """

    def __init__(self, source: Any, metadata: Any, names: list[str], max_expansion: int) -> None:  # noqa: ANN401 - pyarrow has no types
        self._source = source
        self._metadata = metadata
        self._names = names
        self._max_expansion = max_expansion
        self._size = os.fstat(source.fileno()).st_size
        self._expanded = 0
        self._chunk_bytes = 0

    def __iter__(self) -> Iterator[Any]:
        """Yield batches; a column whose pages all refer to its dictionary stays dictionary-encoded.

        Raises:
            CostlyFile: its pages or its footer are too large.
            Exception: whatever pyarrow raises.

        """
        groups = places_of(self._read_at, self._size)
        if len(groups) != self._metadata.num_row_groups:
            raise BadFooterError("the footer has more than one meaning")
        for group, places in enumerate(groups):
            chunks = self._chunks(group, places)
            self._check(group, chunks)
            encoded = [name for name, chunk in zip(self._names, chunks, strict=True) if chunk.is_encoded]
            widths = self._widths(group, chunks)
            rows = largest_batch(chunks, widths)
            yield from self._group(group, encoded, rows)

    def _group(self, group: int, encoded: list[str], rows: int) -> Iterator[Any]:
        done = 0
        try:
            with self._open(encoded) as file:
                for batch in file.iter_batches(rows, row_groups=[group], use_threads=False):
                    done += batch.num_rows
                    yield batch
        except MemoryError:
            raise
        except Exception:
            if rows <= SALVAGE_ROWS:
                raise
            # A batch that meets damage hands out none of its rows: smaller ones save those before it.
            with self._open(encoded) as file:
                for batch in file.iter_batches(SALVAGE_ROWS, row_groups=[group], use_threads=False):
                    saved = batch.slice(min(done, batch.num_rows))
                    done -= batch.num_rows - saved.num_rows
                    yield saved

    def _chunks(self, group: int, places: list[Place]) -> list[Chunk]:
        chunks = []
        for number, place in enumerate(places):
            # Chunks that share their bytes would be walked once for each: hours for a file of a megabyte.
            self._chunk_bytes += max(place.length, 0)
            if self._chunk_bytes > self._size:
                raise CostlyFile(f"has column chunks that overlap: more bytes than its {self._size:,}")
            try:
                pages = pages_of(self._read_at, *place)
            except BadHeaderError:
                raise CostlyFile(
                    f"has a page header of more than 64 KiB in row group {group}, column {number}"
                ) from None
            chunks.append(Chunk(pages))
        return chunks

    def _check(self, group: int, chunks: list[Chunk]) -> None:
        at_once = sum(chunk.dictionary + chunk.largest for chunk in chunks)
        if at_once > PAGE_BYTES:
            raise CostlyFile(
                f"has pages of {at_once:,} bytes in row group {group}, more than the {PAGE_BYTES:,} that are "
                "held in memory: rewrite it with smaller pages"
            )
        self._expanded += sum(page.size for chunk in chunks for page in chunk.pages)
        check_expansion(self._expanded, self._size, self._max_expansion)

    def _widths(self, group: int, chunks: list[Chunk]) -> list[int]:
        """Return for each column the longest value that may be repeated, in bytes."""
        from pyarrow import compute, types  # of the extra

        widths = [chunk.largest if chunk.has_prefixes else 0 for chunk in chunks]
        mixed = [number for number, chunk in enumerate(chunks) if chunk.is_mixed]
        if not mixed:
            return widths
        # The first pages refer to the dictionary, the later ones do not: a first row shows the dictionary.
        names = [self._names[number] for number in mixed]
        with self._open(names) as file:
            first = next(file.iter_batches(1, row_groups=[group], columns=names, use_threads=False), None)
        for number in mixed:
            longest = chunks[number].dictionary
            column = None if first is None else first.column(self._names[number])
            if column is not None and types.is_dictionary(column.type):
                longest = compute.max(compute.binary_length(column.dictionary)).as_py() or 0
            widths[number] = max(widths[number], longest)
        return widths

    def _open(self, encoded: list[str]) -> Any:  # noqa: ANN401 - as above
        from pyarrow import parquet  # as above

        return parquet.ParquetFile(
            self._source, metadata=self._metadata, read_dictionary=encoded, buffer_size=READ, pre_buffer=False
        )

    def _read_at(self, offset: int, count: int) -> bytes:
        return os.pread(self._source.fileno(), count, offset)


class Chunk:
    """The pages of one column in one row group.

    Attributes:
        pages: all of them.
        dictionary: bytes of its dictionary.
        largest: bytes of its largest other page.
        is_encoded: whether all values refer to the dictionary.
        is_mixed: whether only some do.
        has_prefixes: whether values may share the beginnings of others, so that a page may expand.

    """

    def __init__(self, pages: list[Page]) -> None:
        self.pages = [page for page in pages if not page.is_dictionary]
        self.dictionary = max((page.size for page in pages if page.is_dictionary), default=0)
        self.largest = max((page.memory for page in self.pages), default=0)
        refers = [page.encoding in DICTIONARY_ENCODINGS for page in self.pages if page.values]
        self.is_encoded = bool(refers) and all(refers)
        self.is_mixed = any(refers) and not self.is_encoded
        self.has_prefixes = any(page.encoding == DELTA_BYTE_ARRAY for page in self.pages)

    def bytes_of(self, rows: int) -> int:
        """Return the most bytes that the values of so many consecutive rows take in their pages."""
        if self.is_encoded:
            return 0
        ends = list(accumulate(page.values for page in self.pages))
        sizes = [0, *accumulate(page.size for page in self.pages)]
        # A window that begins with the last value of a page reaches into as many others as possible.
        return max(
            (
                sizes[min(bisect_left(ends, end + rows - 1), len(ends) - 1) + 1] - sizes[number]
                for number, end in enumerate(ends)
            ),
            default=0,
        )


def largest_batch(chunks: list[Chunk], widths: list[int]) -> int:
    """Return how many rows may be read at once, at least one.

    Args:
        chunks: the columns.
        widths: for each, bytes of the longest value that may be repeated from row to row.

    """
    rows = max(1, min(BATCH_ROWS, BATCH_VALUES // len(chunks)))
    while rows > 1:
        repeated = rows * sum(widths)
        if repeated + sum(chunk.bytes_of(rows) for chunk in chunks) <= BATCH_BYTES:
            break
        rows //= 2
    return rows
