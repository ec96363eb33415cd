"""Asks the reference of the engine, which `rust_core/edgelift/examples/reference.rs` brings to a pipe."""

from __future__ import annotations

import json
import struct
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType


class Answers(NamedTuple):
    """The outcomes of records and of lines: documents, or the words of errors.

    Attributes:
        shape_fields: of each record, the field of the first value that lacks its shape, or None.

    """

    records: list[bytes | str]
    shape_fields: list[str | None]
    lines: list[bytes | str]


class Reference:
    """The process of a reference.

    Args:
        path: the built example.

    """

    def __init__(self, path: str) -> None:
        self._process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._records: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    def ask(self, config: Mapping[str, Any], records: Sequence[bytes], text: bytes) -> None:
        """Ask what the reference makes of each record and of the lines of a text; it works meanwhile."""
        if self._records is not None:
            # Nobody wanted the last answers: something else was wrong before.
            self.answers()
        self._records = len(records)
        requests = [
            (b"C", toml(config).encode()),
            *((b"R", record) for record in records),
            (b"L", text),
            (b"F", b""),
        ]
        assert self._process.stdin is not None
        self._process.stdin.write(
            b"".join(verb + struct.pack("<I", len(data)) + data for verb, data in requests)
        )
        self._process.stdin.flush()

    def answers(self) -> Answers:
        """Return the answers to what was asked last."""
        assert self._records is not None
        records, self._records = self._records, None
        answers = _Reader(self._read(*struct.unpack("<I", self._read(4))))
        checked = [answers.checked_outcome() for _ in range(records)]
        (count,) = answers.unpack("<I")
        lines = [answers.outcome() for _ in range(count)]
        return Answers([outcome for outcome, _ in checked], [field for _, field in checked], lines)

    def _read(self, size: int) -> bytes:
        assert self._process.stdout is not None
        data = self._process.stdout.read(size)
        assert len(data) == size, "the reference ended"
        return data


class _Reader:
    """Reads answers one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def unpack(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(form, self._data, self._place)
        self._place += struct.calcsize(form)
        return values

    def outcome(self) -> bytes | str:
        letter, length = self.unpack("<cI")
        data = self._data[self._place : self._place + length]
        self._place += length
        return data if letter == b"D" else data.decode()

    def checked_outcome(self) -> tuple[bytes | str, str | None]:
        """Return the outcome of a record, and the field of the first value that lacks its shape."""
        outcome = self.outcome()
        if isinstance(outcome, str):
            return outcome, None
        field, _, document = outcome.partition(b"\n")
        return document, field.decode() or None


def toml(config: Mapping[str, Any]) -> str:
    """Write a configuration as TOML."""
    lines = []
    for section, content in config.items():
        for table in content if isinstance(content, list) else [content]:
            lines.append(f"[[{section}]]" if isinstance(content, list) else f"[{section}]")
            lines += [f"{json.dumps(key)} = {_toml_value(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _toml_value(value: object) -> str:
    if isinstance(value, dict):
        members = (f"{json.dumps(key)} = {_toml_value(member)}" for key, member in value.items())
        return f"{{ {', '.join(members)} }}"
    # Of a string, a list of strings, a number or a boolean JSON is TOML.
    return json.dumps(value)
