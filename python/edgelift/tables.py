"""Writes batches of columns as Parquet or Arrow, in groups of rows that are sorted by time; needs pyarrow."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final, Literal, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUP_BYTES: Final = 1 << 26
"""Bytes of a group of rows in memory. As a row group of Parquet it is smaller.

Readers recommend row groups of at most 128 MB; sorting needs the memory of a group twice.
"""

_COMPRESSION_LEVEL: Final = 3

Form = Literal["parquet", "arrow"]


class Output(Protocol):
    """An output that is written from its beginning to its end."""

    def write(self, data: bytes, /) -> object:
        """Write all of the bytes."""


class TableWriter:
    """Writes a table to an output.

    Args:
        output: the output, which is not closed.
        schema: a schema, or an object that exports one.
        form: ``parquet``, or ``arrow``: the file format of Arrow's IPC.

    Attributes:
        buffered: bytes in memory that are not written yet.

    """

    def __init__(self, output: Output, schema: Any, form: Form) -> None:  # noqa: ANN401 -- of any package
        import pyarrow as pa

        self._schema = pa.schema(schema)
        self._time = time_column(self._schema)
        self._batches: list[Any] = []
        self.buffered = 0
        file = cast("IO[bytes]", _OutputFile(output))
        self._writer = (_parquet if form == "parquet" else _arrow)(file, self._schema, self._time)

    def write(self, batch: Any) -> None:  # noqa: ANN401 -- of any package
        """Write a batch: one of pyarrow, or an object that exports one."""
        import pyarrow as pa

        rows = pa.record_batch(batch)
        self._batches.append(rows)
        self.buffered += rows.nbytes
        if self.buffered >= GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write a group of the rows in memory, if there are any."""
        import pyarrow as pa

        if not self._batches:
            return
        rows = pa.Table.from_batches(self._batches, self._schema)
        self._batches, self.buffered = [], 0
        if self._time is not None:
            rows = rows.sort_by([(self._time, "ascending")])
        self._writer.write_table(rows, len(rows))

    def close(self) -> None:
        """Write the rows in memory and the end of the table."""
        self.flush()
        self._writer.close()


class _OutputFile:
    """An output as a file that pyarrow writes to."""

    closed = False

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, data: bytes) -> int:
        self._output.write(data)
        return len(data)

    def flush(self) -> None:
        pass


def time_column(schema: Any) -> str | None:  # noqa: ANN401 -- of pyarrow
    """Return the name of the first column of times, or None."""
    import pyarrow as pa

    return next((field.name for field in schema if pa.types.is_timestamp(field.type)), None)


def split(rows: Any, keys: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 -- of pyarrow
    """Yield each key with the rows that have it; null is None.

    Args:
        rows: a batch.
        keys: an array with the key of each row.

    """
    from pyarrow import compute

    runs = compute.run_end_encode(keys)
    if len(runs.values) > 1:
        order = compute.sort_indices(keys)
        rows, runs = rows.take(order), compute.run_end_encode(keys.take(order))
    start = 0
    for end, key in zip(runs.run_ends.to_pylist(), runs.values.to_pylist(), strict=True):
        yield key, rows.slice(start, end - start)
        start = end


def _parquet(file: IO[bytes], schema: Any, time: str | None) -> Any:  # noqa: ANN401 -- of pyarrow
    from pyarrow import parquet

    order = [] if time is None else [(time, "ascending")]
    return parquet.ParquetWriter(
        file,
        schema,
        compression="zstd",
        compression_level=_COMPRESSION_LEVEL,
        write_page_index=True,
        sorting_columns=parquet.SortingColumn.from_ordering(schema, order) or None,
    )


def _arrow(file: IO[bytes], schema: Any, _: str | None) -> Any:  # noqa: ANN401 -- of pyarrow
    import pyarrow as pa

    codec = pa.Codec("zstd", _COMPRESSION_LEVEL)
    return pa.ipc.new_file(file, schema, options=pa.ipc.IpcWriteOptions(compression=codec))
