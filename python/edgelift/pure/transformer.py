"""The `Transformer` in plain Python."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal, Self

import orjson

from edgelift import _core
from edgelift.errors import ConfigError, RecordError
from edgelift.pure import batch
from edgelift.pure.file_format import FileReader, begins_object, json_refusal, standard_message
from edgelift.pure.foreign import foreign_message
from edgelift.pure.layout import Layout
from edgelift.pure.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from os import PathLike
    from typing import Unpack

    from typing_extensions import Buffer

    from edgelift._core import _Output
    from edgelift.pure.file_format import Converted
    from edgelift.pure.layout import Document

_SECTIONS = {"input", "output", "firehose", "overflow", "metrics", "bulk", "opensearch"}
_DESCRIBED = {"multiple_lines", "column_count", "bad_value", "no_layout"}
"""Reasons of records that may not be rows."""


class Transformer:
    """A compiled configuration with the methods of `edgelift.Transformer` that map rows.

    Args:
        config: TOML text, a mapping of the same shape, or a Transformer of the engine.

    Raises:
        ConfigError: what is wrong with it, or what of it only the engine does.

    """

    def __init__(self, config: str | Mapping[str, Any] | _core.Transformer) -> None:
        core = config if isinstance(config, _core.Transformer) else _core.Transformer(config)
        self._columns, self._options = core.layouts, core.options
        refuse_engine_only_options(self._options)
        if not self._columns:
            message = (
                "layouts: edgelift.pure needs the fields of real-time rows, edgelift reads standard logs"
            )
            raise ConfigError(message, key="layouts")
        self._reads_json = self._options["input"]["format"] == "auto"
        self._keep: bool = self._options["input"]["bad_value"] == "keep"
        self._shapes: str = self._options["input"]["shapes"]
        self._max_bytes: int = self._options["input"]["max_record_bytes"]
        output = self._options["output"]
        self._layouts = [Layout(number, columns, output) for number, columns in enumerate(self._columns, 1)]
        self._by_count: dict[int, list[Layout]] = {}
        for layout in self._layouts:
            self._by_count.setdefault(len(layout.columns), []).append(layout)

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Self:
        """Compile the TOML file at ``path``.

        Raises:
            ConfigError: what is wrong with it, or what of it only the engine does.
            OSError: the file cannot be read.

        """
        return cls(_core.Transformer.from_file(path))

    @classmethod
    def from_fields(cls, names: Iterable[str] | Literal["all"], /, **output: Unpack[_Output]) -> Self:
        """Compile one layout from real-time field names; ``output`` holds options of ``[output]``.

        Raises:
            ConfigError: an unknown name or option.

        """
        return cls(_core.Transformer.from_fields(names, **output))

    @property
    def layouts(self) -> tuple[tuple[_core.LayoutColumn, ...], ...]:
        """The resolved columns of each layout, in the order of the configuration."""
        return self._columns

    @property
    def options(self) -> Mapping[str, Mapping[str, Any]]:
        """Every option as it is in force, by section."""
        return self._options

    def transform(self, record: Buffer) -> bytes:
        """Turn one record, with or without its line end, into one JSON object.

        Raises:
            RecordError: the record cannot be transformed.
            TypeError: ``record`` is not bytes-like.

        """
        return self._convert_record(memoryview(record).tobytes())[1]

    def transform_lines(self, data: Buffer) -> _core.TransformResult:
        """Turn many lines into JSON lines; a last line without a line feed counts.

        What only the engine reads fails: error objects of Firehose with ``bad_error_object``, JSON records
        with ``bad_json``, headers of standard logs with ``bad_header``, rows after them with ``no_header``.

        Raises:
            TypeError: ``data`` is not bytes-like.

        """
        documents: list[bytes] = []
        failures: list[_core.Failure] = []
        mismatched: list[str] = []
        blank = offset = 0
        reader = FileReader(self._convert, self._options["input"])
        for number, whole in enumerate(BytesIO(memoryview(data).tobytes()), start=1):
            line = whole if offset else reader.without_mark(whole)
            try:
                converted = reader.convert(line)
                if converted is not None:
                    _, document, field = converted
                    documents.append(document)
                    if field is not None:
                        mismatched.append(field)
            except RecordError as error:
                if error.reason == "empty_record":
                    blank += 1
                else:
                    raw = line[: self._max_bytes] if error.reason == "too_large" else line.removesuffix(b"\n")
                    failures.append(
                        _core.Failure(
                            number,
                            offset + len(whole) - len(line),
                            error.reason,
                            error.field,
                            error.column,
                            str(error),
                            raw,
                            log_format=reader.log_format(raw),
                        )
                    )
            offset += len(whole)
        documents.append(b"")  # ends the last line
        counts = _core.Counts(
            read=len(documents) - 1 + len(failures),
            ok=len(documents) - 1,
            failed=len(failures),
            blank=blank,
            by_reason=Counter(failure.reason for failure in failures),
            shape_mismatches=len(mismatched),
            shape_field=next(iter(mismatched), None),
        )
        return _core.TransformResult(b"\n".join(documents), tuple(failures), counts)

    def transform_records(self, records: Sequence[Any], *, ensure_ascii: bool = True) -> batch.Batch:  # noqa: ARG002
        """Answer the ``records`` of a Firehose transformation event, however large the response gets.

        Raises:
            EdgeliftError: ``records`` is not a list, or a record has no string ``recordId``.

        """
        newline: bool = self._options["output"]["newline"]
        return batch.answer(records, self._convert_record, layouts=len(self._layouts), newline=newline)

    def _convert_record(self, record: bytes) -> Converted:
        """Return the same as `_convert`. A JSON record is refused: records are read each by itself."""
        if self._reads_json and begins_object(record):
            try:
                self._line_of(record)
                raise json_refusal()
            except RecordError as error:
                raise self._explained(error, record) from None
        return self._convert(record)

    def _convert(self, record: bytes) -> Converted:
        """Return the index of the layout, from 0, the document, and the field that lacks its shape."""
        try:
            return self._convert_row(record)
        except RecordError as error:
            raise self._explained(error, record) from None

    def _explained(self, error: RecordError, record: bytes) -> RecordError:
        """Return the error with a message that says what the record is, if it is known and not a row."""
        message = None if error.reason == "too_large" else foreign_message(record)
        if message is None and error.reason in {"column_count", "bad_value", "no_layout"}:
            message = standard_message(record, is_realtime=not self._reads_json)
        if message is None and error.reason in _DESCRIBED:
            what = _core.describe_record(record)
            message = what and f"the record is {what}"
        if message is None:
            return error
        return RecordError(message, error.reason, error.field, error.column, error.offset)

    def _convert_row(self, record: bytes) -> Converted:
        line = self._line_of(record)
        is_ascii = line.isascii()
        columns = line.decode("latin-1").split("\t")
        candidates = self._by_count.get(len(columns))
        if candidates is None:
            raise self._count_error(len(columns))
        try:
            if len(candidates) == 1:
                layout = candidates[0]
                document = layout.document(columns, is_ascii=is_ascii)
            else:
                layout, document = _choose(candidates, columns, is_ascii=is_ascii)
        except Misfit:
            layout, document = self._salvage(candidates, columns)
        field = None if self._shapes == "ignore" else self._check_shapes(layout, columns)
        return layout.number - 1, orjson.dumps(document), field

    def _check_shapes(self, layout: Layout, columns: Sequence[str]) -> str | None:
        """Return the field of the first value that lacks its shape.

        Raises:
            RecordError: there is one, and the configuration says that the record then fails.

        """
        place = layout.shape_mismatch(columns)
        if place is None:
            return None
        field = layout.columns[place].field
        if self._shapes == "fail":
            message = layout.shape_message(columns, place)
            raise RecordError(message, "shape_mismatch", field, place + 1, _offset(columns, place))
        return field

    def _line_of(self, record: bytes) -> bytes:
        """Return a record of one line without its line end."""
        if len(record) > self._max_bytes:
            message = f"the record has {len(record)} bytes, more than max_record_bytes = {self._max_bytes}"
            raise RecordError(message, "too_large")
        line = record[:-2] if record.endswith(b"\r\n") else record.removesuffix(b"\n")
        if not line:
            raise RecordError("the record is empty", "empty_record")
        if b"\n" in line:
            offset = line.index(b"\n")
            message = f"the record holds more than one line: line feed at byte {offset}"
            raise RecordError(message, "multiple_lines", offset=offset)
        return line

    def _count_error(self, count: int) -> RecordError:
        have = "layout has" if len(self._layouts) == 1 else "layouts have"
        known = ", ".join(map(str, self._by_count))
        columns = "1 column" if count == 1 else f"{count} columns"
        return RecordError(f"the record has {columns}, but the {have} {known}", "column_count")

    def _salvage(self, candidates: Sequence[Layout], columns: Sequence[str]) -> tuple[Layout, Document]:
        """Move misfits to ``_unparsed``, if they may go there."""
        found = [(layout, layout.misfits(columns)) for layout in candidates]
        fitting = [layout for layout, misfits in found if not misfits]
        proven = [
            layout for layout, misfits in found if all(layout.columns[place].unproven for place in misfits)
        ]
        if fitting or proven:
            layout = _best(fitting or proven, columns)
            return layout, layout.salvaged(columns, layout.misfits(columns))
        if self._keep:
            layout, misfits = found[0]
            return layout, layout.salvaged(columns, misfits)
        raise _values_error(found, columns)


def refuse_engine_only_options(options: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse options that would otherwise be ignored silently.

    Raises:
        ConfigError: standard logs only, partition keys, records of several lines, a policy
            other than to fail, or an unknown section.

    """
    for section in options:
        if section not in _SECTIONS:
            raise ConfigError(f"[{section}]: edgelift.pure does not do that, edgelift does", key=section)
    if options["input"]["format"] == "standard":
        message = "input.format: edgelift.pure reads real-time rows only, edgelift reads standard logs"
        raise ConfigError(message, key="input.format")
    refused = {
        "input.decode_json": options["input"]["decode_json"] != "auto",
        "firehose.partition_keys": bool(options["firehose"]["partition_keys"]),
        "firehose.multiple_lines": options["firehose"].get("multiple_lines") == "ndjson",
        "overflow.policy": options["overflow"]["policy"] != "fail",
    }
    for key, is_set in refused.items():
        if is_set:
            raise ConfigError(f"{key}: edgelift.pure does not do that, edgelift does", key=key)


def _choose(
    candidates: Sequence[Layout], columns: Sequence[str], *, is_ascii: bool
) -> tuple[Layout, Document]:
    """Return the layout whose kinds fit; shapes decide between several.

    Raises:
        Misfit: there is none.

    """
    fitting = [
        layout for layout in candidates if layout.has_kinds_of(columns) and not layout.misfits(columns)
    ]
    if not fitting:
        raise Misfit
    layout = _best(fitting, columns)
    return layout, layout.document(columns, is_ascii=is_ascii)


def _best(layouts: Sequence[Layout], columns: Sequence[str]) -> Layout:
    """Return the newest layout, or an older one that outweighs it by its shapes."""
    best = layouts[0]
    for older in layouts[1:]:
        if best.is_outweighed(columns, older):
            best = older
    return best


def _offset(columns: Sequence[str], place: int) -> int:
    """Return the byte at which a column begins."""
    return sum(len(raw) + 1 for raw in columns[:place])


def _values_error(found: Sequence[tuple[Layout, Sequence[int]]], columns: Sequence[str]) -> RecordError:
    places = [
        (layout, next(place for place in misfits if not layout.columns[place].unproven))
        for layout, misfits in found
    ]
    if len(places) == 1:
        layout, place = places[0]
        message = layout.misfit_message(columns, place)
        field = layout.columns[place].field
        return RecordError(message, "bad_value", field, place + 1, _offset(columns, place))
    misfits = (f"layout {layout.number}, {layout.misfit_message(columns, place)}" for layout, place in places)
    return RecordError(f"no layout of {len(columns)} columns fits: {'; '.join(misfits)}", "no_layout")
