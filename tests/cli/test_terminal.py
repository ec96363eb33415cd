"""At a terminal: a progress bar and drawn tables; none of it in a pipe."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import termios
import threading
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import pytest

import edgelift
from edgelift.cli.sink import write_lines
from edgelift.cli.terminal_filter import TerminalFilter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ESCAPE = "\x1b"


@dataclass
class Terminal:
    """A pseudo-terminal and all that has been shown on it."""

    shown: bytearray = field(default_factory=bytearray)

    def __enter__(self) -> Self:
        self._ours, self.theirs = pty.openpty()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.theirs)
        self._reader.join()
        os.close(self._ours)

    def _read(self) -> None:
        try:
            while chunk := os.read(self._ours, 4096):
                self.shown += chunk
        except OSError:
            return  # EIO: nobody has the terminal open any more

    @property
    def text(self) -> str:
        return self.shown.decode()


@pytest.fixture
def rows(lines: bytes, tmp_path: Path) -> Path:
    file = tmp_path / "rows.tsv"
    file.write_bytes(lines)
    return file


def feed(pipe: int, data: bytes) -> None:
    with open(pipe, "wb") as writer:
        writer.write(data)


def run_at(
    words: Sequence[str],
    environment: dict[str, str],
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
) -> subprocess.CompletedProcess[bytes]:
    terminal = environment | {"TERM": "xterm", "COLUMNS": "300"}
    return subprocess.run(words, env=terminal, stdin=stdin, stdout=stdout, stderr=stderr, check=False)


@pytest.mark.parametrize("is_redirected", [True, False])
def test_progress_bar_is_drawn_on_a_terminal(  # noqa: PLR0913, PLR0917 -- fixtures
    command: tuple[str, ...],
    environment: dict[str, str],
    rows: Path,
    lines: bytes,
    fields: str,
    tmp_path: Path,
    is_redirected: bool,  # noqa: FBT001 -- a parameter of the test
) -> None:
    documents = tmp_path / "documents.ndjson"
    words = [*command, "transform", str(rows), "--fields", fields]
    with Terminal() as terminal:
        if is_redirected:
            with documents.open("wb") as output:
                done = run_at(words, environment, stdout=output.fileno(), stderr=terminal.theirs)
        else:
            done = run_at([*words, "-o", str(documents)], environment, stderr=terminal.theirs)
    expected = edgelift.Transformer.from_fields(fields.split(",")).transform_lines(lines)
    assert documents.read_bytes() == expected.output
    assert done.returncode == 1
    assert f"{ESCAPE}[?25l" in terminal.text, "the cursor is hidden while the bar is shown"
    assert f"{ESCAPE}[?25h" in terminal.text, "and comes back"
    assert "0.0/1.0 MB" in terminal.text
    assert "1.0/1.0 MB" in terminal.text, "the bar comes to its end"
    # Failures are shown above it, the summary below.
    assert f"{rows}:" in terminal.text
    assert f"edgelift: read {expected.counts.read}, " in terminal.text


def test_progress_bar_of_unknown_length_shows_bytes(
    command: tuple[str, ...], environment: dict[str, str], lines: bytes, fields: str, tmp_path: Path
) -> None:
    documents = tmp_path / "documents.ndjson"
    reader, writer = os.pipe()
    feeder = threading.Thread(target=feed, args=(writer, lines))
    feeder.start()
    with Terminal() as terminal:
        words = [*command, "transform", "--fields", fields, "-o", str(documents)]
        run_at(words, environment, stdin=reader, stderr=terminal.theirs)
    os.close(reader)
    feeder.join()
    assert documents.read_bytes().count(b"\n") > 10_000
    assert "1.0/? MB" in terminal.text


def test_no_bar_is_drawn_among_the_documents(
    command: tuple[str, ...], environment: dict[str, str], rows: Path, fields: str
) -> None:
    rows.write_bytes(b"1671005351.148\t27.0.3.156\t200\tGET\t/\n")
    with Terminal() as terminal:
        words = [*command, "transform", str(rows), "--fields", fields]
        run_at(words, environment, stdout=terminal.theirs, stderr=terminal.theirs)
    assert ESCAPE not in terminal.text
    assert '"cs-uri-stem":"/"}' in terminal.text
    with Terminal() as terminal:
        # With the documents in a file it may show.
        words += ["-o", str(rows.with_name("out"))]
        run_at(words, environment, stdout=terminal.theirs, stderr=terminal.theirs)
    assert ESCAPE in terminal.text


def test_no_bar_is_drawn_beside_a_pipe(
    command: tuple[str, ...], environment: dict[str, str], rows: Path, fields: str
) -> None:
    # Its reader may write to the same terminal, as less and jq do.
    with Terminal() as terminal:
        words = [*command, "transform", str(rows), "--fields", fields]
        run_at(words, environment, stderr=terminal.theirs)
    assert ESCAPE not in terminal.text
    assert "edgelift: read " in terminal.text


def test_no_bar_is_drawn_in_a_pipe(
    command: tuple[str, ...], environment: dict[str, str], rows: Path, fields: str
) -> None:
    # Not even if the environment says that there is a terminal.
    done = run_at(
        [*command, "transform", str(rows), "--fields", fields],
        environment | {"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"},
    )
    assert ESCAPE not in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 13


@pytest.mark.parametrize(("verb", "operand"), [("transform", "FILE"), ("explain", "LINE"), ("size", "FILE")])
def test_terminal_as_input_is_refused_unless_named(
    command: tuple[str, ...], environment: dict[str, str], verb: str, operand: str
) -> None:
    with Terminal() as terminal:
        done = run_at([*command, verb, "--fields", "all"], environment, stdin=terminal.theirs)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == (
        f"edgelift: no {operand} is given and standard input is a terminal; - reads it\n"
    )


def test_terminal_named_as_input_is_read(command: tuple[str, ...], environment: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"200\n\x04")  # a line and the end of file
    done = run_at([*command, "transform", "-", "--fields", "sc-status"], environment, stdin=theirs)
    os.close(theirs)
    os.close(ours)
    assert (done.returncode, done.stdout) == (0, b'{"sc-status":200}\n')


def test_tables_are_drawn_on_a_terminal(command: tuple[str, ...], environment: dict[str, str]) -> None:
    # Square brackets would be markup to rich, an escape sequence an order to the terminal.
    line = "1671005351.148\t[bold]a\x1b[31mb[/bold]"
    with Terminal() as terminal:
        words = [*command, "explain", line, "--fields", "timestamp,cs-user-agent"]
        done = run_at(words, environment, stdout=terminal.theirs)
    assert done.returncode == 0
    assert "─" in terminal.text
    assert "[bold]a" in terminal.text
    assert f"{ESCAPE}[31m" not in terminal.text


def test_lists_are_as_wide_as_the_terminal(command: tuple[str, ...], environment: dict[str, str]) -> None:
    for verb in ["fields"], ["reprocess", "--help"]:
        for columns, least in (80, 70), (90, 81), (0, 70), (300, 91):
            with Terminal() as terminal:
                termios.tcsetwinsize(terminal.theirs, (24, columns))
                subprocess.run([*command, *verb], env=environment, stdout=terminal.theirs, check=True)
            lines = [line for line in terminal.text.splitlines() if not line.startswith("  edgelift ")]
            assert least <= max(map(len, lines)) <= min(columns or 80, 100)


def test_sizes_are_drawn_after_a_bar(
    command: tuple[str, ...], environment: dict[str, str], rows: Path, fields: str
) -> None:
    words = [*command, "size", str(rows), "--fields", fields, "--records", "100"]
    with Terminal() as output, Terminal() as errors:
        done = run_at(words, environment, stdout=output.theirs, stderr=errors.theirs)
    assert done.returncode == 1
    assert output.text.count("┏") == 2
    assert f"{ESCAPE}[?25h" in errors.text


HARMFUL = "".join(
    map(
        chr, (0x7F, *range(0x80, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
    )
)
HARMLESS = "~\xa0é\xbf\u0600\u061b\u061d\u200d\u2010\u2027\u202f\u2065\u206a\u2fff\ufffd😀"


def test_harmful_characters_are_those_of_unicode() -> None:
    bidi = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    found = {chr(code) for code in range(0x110000) if unicodedata.bidirectional(chr(code)) in bidi}
    found |= {
        chr(code) for code in range(0x80, 0x110000) if unicodedata.category(chr(code)) in {"Cc", "Zl", "Zp"}
    }
    # DEL, and the marks, which are letters to the algorithm.
    assert set(HARMFUL) == found | set("\x7f\u061c\u200e\u200f")


@pytest.mark.parametrize("size", range(1, 8))
def test_filter_sees_characters_that_are_split(size: int) -> None:
    text = json.dumps("".join(bad + good for bad in HARMFUL for good in HARMLESS), ensure_ascii=False)
    data, shown = text.encode(), TerminalFilter()
    pieces = [shown.feed(data[start : start + size]) for start in range(0, len(data), size)]
    out = b"".join([*pieces, shown.finish()]).decode()
    assert not set(HARMFUL) & set(out)
    assert set(HARMLESS) <= set(out)
    assert json.loads(out) == json.loads(text)
    assert out == "".join(f"\\u{ord(char):04x}" if char in HARMFUL else char for char in text)


@pytest.mark.parametrize("rest", [b"\xc2", b"\xe2", b"\xe2\x80", b"\xe2\x81", b"\xd8"])
def test_filter_loses_no_byte_at_the_end(rest: bytes) -> None:
    shown = TerminalFilter()
    assert shown.feed(b"a" + rest) == b"a"
    assert shown.finish() + shown.finish() == rest


@pytest.mark.parametrize("form", ["ndjson", "bulk"])
def test_documents_cannot_command_a_terminal(
    command: tuple[str, ...], environment: dict[str, str], tmp_path: Path, form: str
) -> None:
    encoded = "".join(f"%{byte:02X}" for byte in f"/{HARMFUL}{HARMLESS}".encode())
    row = f"1671005351.148\t{encoded}\n".encode()
    words = [*command, "transform", "--fields", "timestamp,cs-uri-stem", "--format", form]
    file = tmp_path / "rows"
    file.write_bytes(row * 3)
    piped = run_at([*words, str(file)], environment)
    assert HARMFUL.encode() in piped.stdout, "in a pipe as it is"
    run_at([*words, str(file), "-o", str(tmp_path / "out")], environment)
    assert (tmp_path / "out").read_bytes() == piped.stdout
    for options in [], ["-o", "/dev/stdout"]:
        with Terminal() as terminal:
            run_at([*words, *options, str(file)], environment, stdout=terminal.theirs)
        assert not set(HARMFUL) & set(terminal.text)
        shown = [json.loads(line) for line in terminal.text.split("\r\n")[:-1]]
        assert shown == [json.loads(line) for line in piped.stdout.decode().split("\n")[:-1]]


@pytest.mark.parametrize(
    "words", [["explain", f"1671005351.148\t/{HARMFUL}", "--fields", "timestamp,cs-uri-stem"], ["fields"]]
)
def test_tables_cannot_command_a_terminal(
    command: tuple[str, ...], environment: dict[str, str], words: list[str]
) -> None:
    with Terminal() as terminal:
        done = run_at([*command, *words], environment, stdout=terminal.theirs, stderr=terminal.theirs)
    assert done.returncode == 0
    assert not set(HARMFUL) & set(terminal.text)


def test_failed_lines_cannot_command_a_terminal(
    command: tuple[str, ...], environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / f"rows{HARMFUL}"
    file.write_bytes(f"{HARMFUL}\n".encode())
    words = [*command, "transform", str(file), "--fields", "sc-status"]
    for options in [], ["--failed", "/dev/stdout", "-o", "/dev/null"]:
        with Terminal() as terminal:
            run_at([*words, *options], environment, stdout=terminal.theirs, stderr=terminal.theirs)
        assert "bad_value" in terminal.text
        assert not set(HARMFUL) & set(terminal.text)


HOSTILE = f"{HARMFUL}{ESCAPE}]0;title\x07"


@pytest.mark.parametrize(
    "words",
    [
        [HOSTILE],
        ["transform", f"--{HOSTILE}"],
        ["transform", HOSTILE],
        ["transform", "--fields", HOSTILE, "-"],
        ["transform", "--config", HOSTILE, "-"],
        ["transform", "--config", "config.toml", "-"],
        ["transform", "-", "-o", f"{HOSTILE}/out"],
        ["transform", f"folder{HOSTILE}"],
        ["fields", "--format", HOSTILE],
        ["size", HOSTILE, "--fields", "timestamp"],
        ["reprocess", HOSTILE, f"{HOSTILE}/"],
        ["reprocess", f"folder{HOSTILE}", "out/", "--fields", "timestamp", "--journal", HOSTILE],
        ["simulate", HOSTILE, "--fields", "timestamp"],
        ["opensearch", "check", "--endpoint", f"http://127.0.0.1:1/{HOSTILE}"],
        ["completion", HOSTILE],
    ],
    ids=lambda words: " ".join(words).replace(HOSTILE, "?"),
)
def test_arguments_and_names_of_files_cannot_command_a_terminal(
    command: tuple[str, ...],
    environment: dict[str, str],
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / f"folder{HOSTILE}"
    folder.mkdir()
    (folder / HOSTILE).write_bytes(HOSTILE.encode() + b"\n")
    (folder / f"{HOSTILE}.html").write_bytes(b"<html>" + HOSTILE.encode())
    (tmp_path / "config.toml").write_text(f"{json.dumps(HOSTILE)} = 1\n", "utf-8")
    with Terminal() as terminal:
        run_at([*command, *words], environment, stdout=terminal.theirs, stderr=terminal.theirs)
    assert terminal.text
    shown = terminal.text.replace(f"{ESCAPE}[", "")
    assert not (set(HOSTILE) - set("]0;title")) & set(shown)


def test_lines_cannot_command_a_terminal(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_lines([f"a{HOSTILE}\x00", "b"])
    out = capfdbinary.readouterr().out.decode()
    assert out.startswith("a\\u007f")
    assert out.endswith("]0;title\\u0007\\u0000\nb\n")
    assert not (set(HOSTILE) - set("]0;title")) & set(out)
