"""Rows of a batch of Parquet columns as JSON records, measured before a value becomes a Python object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BLOCK: Final = 512 * 1024
"""Bytes of the rows that become one block of JSON records, unless a single row has more."""

AROUND: Final = 4
"""Bytes that each value counts for besides its own: about what JSON writes around it, null included."""

KEPT_DICTIONARY: Final = 1024 * 1024
"""Bytes of the largest dictionary whose values are decoded all at once, to be used again for each row."""


class Rows:
    """The rows of a batch.

    Args:
        batch: a record batch of pyarrow, of strings or bytes, dictionary-encoded or not.
        names: the names of its columns in JSON records.
        max_record_bytes: longest record, its line end included.

    """

    def __init__(self, batch: Any, names: Sequence[str], max_record_bytes: int) -> None:  # noqa: ANN401 - pyarrow has no types
        from pyarrow import compute  # of the extra

        self._columns = [_Column(column) for column in batch.columns]
        self._names = names
        self._limit = max_record_bytes
        total = self._columns[0].lengths
        for column in self._columns[1:]:
            total = compute.add(total, column.lengths)
        self._sizes: list[int] = total.to_pylist()

    def blocks(self) -> Iterator[tuple[bytes, int, int]]:
        """Yield JSON records, one a line, their number, and the bytes that they count for."""
        begin = taken = 0
        around = AROUND * len(self._names)
        for row, size in enumerate(self._sizes):
            if row > begin and taken + size + around > BLOCK:
                yield self._block(begin, row), row - begin, taken
                begin, taken = row, 0
            taken += size + around
        if self._sizes:
            yield self._block(begin, len(self._sizes)), len(self._sizes) - begin, taken

    def _block(self, begin: int, end: int) -> bytes:
        import orjson  # nothing else needs it

        if end - begin == 1 and self._sizes[begin] > min(BLOCK, self._limit):
            return self._long_row(begin)
        columns = [column.texts(begin, end) for column in self._columns]
        return b"".join(
            orjson.dumps(dict(zip(self._names, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE)
            for row in zip(*columns, strict=True)
        )

    def _long_row(self, row: int) -> bytes:
        """Return a record made value by value, and of one that is too long one byte more than it may have.

        orjson crashes if it cannot allocate its result, so values above the limit are not passed to it.
        """
        import orjson  # as above

        record = bytearray()
        for name, column in zip(self._names, self._columns, strict=True):
            member = orjson.dumps({name: column.beginning(row, self._limit)})[1:-1]
            record += b"," if record else b"{"
            record += member[: self._limit + 1]
            if len(record) > self._limit:
                return bytes(record[: self._limit + 1]) + b"\n"
        return bytes(record) + b"}\n"


class _Column:
    """A column; bytes that are not UTF-8 become U+FFFD, as in JSON records.

    Attributes:
        lengths: bytes of each value, as an array of pyarrow.

    """

    def __init__(self, column: Any) -> None:  # noqa: ANN401 - as above
        import pyarrow as pa  # of the extra
        from pyarrow import compute

        self._column = column
        self._texts: list[str | None] | None = None
        values = column
        if pa.types.is_dictionary(column.type):
            values = column.dictionary
            if values.nbytes <= KEPT_DICTIONARY:
                texts = [*_decoded(values), None]
                indices = column.indices.fill_null(len(values))
                self._texts = list(map(texts.__getitem__, indices.to_pylist()))
        lengths = compute.binary_length(values)
        if values is not column:
            lengths = compute.take(lengths, column.indices)
        self.lengths = compute.fill_null(lengths.cast(pa.int64()), 0)

    def texts(self, begin: int, end: int) -> list[str | None]:
        """Return the values of some rows."""
        if self._texts is not None:
            return self._texts[begin:end]
        return _decoded(self._column.slice(begin, end - begin))

    def beginning(self, row: int, length: int) -> str | None:
        """Return at most so many bytes of a value."""
        import pyarrow as pa  # as above
        from pyarrow import compute  # as above

        values = self._column.slice(row, 1).cast(pa.binary())
        return _decoded(compute.binary_slice(values, 0, length))[0]


def _decoded(values: Any) -> list[str | None]:  # noqa: ANN401 - as above
    import pyarrow as pa  # as above

    texts = values.cast(pa.binary()).to_pylist()
    return [None if text is None else text.decode("utf-8", "replace") for text in texts]
