"""``edgelift simulate``: input, options and places that are refused, with their messages and exit codes."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.cli.simulate.conftest import FIELDS, rows
from tests.reprocess.conftest import aws, s3, s3_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.reprocess.conftest import Client

__all__ = ["aws", "s3", "s3_url"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--fields", "timesta"], 2, "did you mean"),
        (["--fields", FIELDS, "--buffer-mb", "5"], 2, "--buffer-mb"),
        (["--fields", FIELDS, "--opensearch", "ftp://x"], 2, "ftp://x"),
        (["--fields", FIELDS, "--faults", "none.toml"], 3, "cannot use none.toml: No such file or directory"),
        (["--fields", FIELDS, "--layer", "none.zip"], 3, "cannot use none.zip: No such file or directory"),
        (["--fields", FIELDS, "--backup", "/dev/null"], 3, "cannot use /dev/null: File exists"),
        (["--fields", FIELDS, "--backup", "s3://"], 2, "names no bucket"),
        ([], 2, "nothing says which columns the lines have"),
    ],
)
def test_wrong_usage_starts_nothing(run: Run, file: Path, words: list[str], code: int, message: str) -> None:
    with contextlib.chdir(file.parent):
        done = run("simulate", file, *words)
    assert (done.code, done.out) == (code, b"")
    assert message in done.err
    assert list(file.parent.iterdir()) == [file]


def test_wrong_faults_are_refused_with_file_and_key(run: Run, file: Path, tmp_path: Path) -> None:
    (tmp_path / "faults.toml").write_text("[[fault]]\nat='function'\nkind='explode'\nbatches=[1]\n")
    done = run("simulate", file, "--fields", FIELDS, "--faults", tmp_path / "faults.toml")
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith(
        f'edgelift: {tmp_path}/faults.toml: fault 1: kind: unknown value "explode"; known are kill, raise'
    )


def test_standard_log_is_refused(run: Run, fixtures: Path) -> None:
    log = fixtures / "standard" / "v1-2023-33col.log"
    done = run("simulate", log, "--fields", FIELDS)
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith(f"edgelift: {log} is a standard log: simulate reads real-time logs")


def test_standard_log_is_refused_before_its_columns_are_asked_for(run: Run, fixtures: Path) -> None:
    log = fixtures / "standard" / "v1-2023-33col.log"
    done = run("simulate", log)
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith(f"edgelift: {log} is a standard log: simulate reads real-time logs")


@pytest.mark.parametrize("verb", ["simulate", "size"])
@pytest.mark.parametrize("array", [b'[{"c-ip":"192.0.2.1"}]\n', b'[\n {"c-ip":"192.0.2.1"},\n {}\n]\n'])
def test_json_array_is_refused_with_a_hint(run: Run, tmp_path: Path, verb: str, array: bytes) -> None:
    path = tmp_path / "array.json"
    path.write_bytes(array)
    refusal = "is a JSON array: write each record on one line, for example with jq -c '.[]'\n"
    done = run(verb, path, "--fields", FIELDS)
    assert (done.code, done.out, done.err) == (2, b"", f"edgelift: {path} {refusal}")
    if verb == "simulate":
        done = run(verb, "--fields", FIELDS, stdin=array)
        assert (done.code, done.out, done.err) == (2, b"", f"edgelift: standard input {refusal}")


def test_standard_log_in_a_pipe_is_refused(run: Run, fixtures: Path) -> None:
    log = (fixtures / "standard" / "v1-2023-33col.log").read_bytes()
    done = run("simulate", "--fields", FIELDS, stdin=log)
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith("edgelift: standard input is a standard log: simulate reads real-time logs")


def test_configuration_that_the_function_could_not_read_is_refused(run: Run, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=[f"[[layouts]]\nfields = {FIELDS.split(',')}\n"])
    writer.start()
    (tmp_path / "rows").write_bytes(rows(1))
    done = run("simulate", tmp_path / "rows", "--config", pipe)
    writer.join()
    assert (done.code, done.out) == (2, b"")
    assert done.err == f"edgelift: --config: {pipe} is not a file; the function reads it, too\n"


def test_folder_with_objects_is_refused_as_a_backup(run: Run, file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    backup.mkdir()
    words = ("simulate", file, "--fields", FIELDS, "--backup", backup)
    assert run(*words).code == 0
    before = sorted(backup.rglob("*"))
    done = run(*words)
    assert (done.code, done.out) == (2, b"")
    assert done.err == (
        f"edgelift: --backup: the folder {backup} is not empty, and would hold the objects of two runs: "
        "empty it or name another one\n"
    )
    assert sorted(backup.rglob("*")) == before


def test_prefix_with_objects_is_refused_as_a_backup(
    run: Run, file: Path, s3: Client, s3_url: str, aws: Mapping[str, str]
) -> None:
    place = "s3://documents/simulated/failed"
    words = ("simulate", file, "--fields", FIELDS, "--backup", place, "--endpoint-url", s3_url)
    # An object beside the prefix is not below it.
    s3.put_object(Bucket="documents", Key="simulated/failed-before", Body=b"")
    assert run(*words, env=dict(aws)).code == 0
    before = s3.list_objects_v2(Bucket="documents", Prefix="simulated/")["Contents"]
    done = run(*words, env=dict(aws))
    assert (done.code, done.out) == (2, b"")
    assert done.err == (
        f"edgelift: --backup: the prefix {place} is not empty, and would hold the objects of two runs: "
        "empty it or name another one\n"
    )
    assert s3.list_objects_v2(Bucket="documents", Prefix="simulated/")["Contents"] == before


def test_line_longer_than_a_record_of_kinesis_stops_the_run(run: Run) -> None:
    for line in b"x" * 3_000_000, b"x" * 1_048_577 + b"\n":
        done = run("simulate", "--fields", FIELDS, stdin=rows(2) + line)
        assert done.code == 3
        assert "1 MiB" in done.err


def test_url_without_opensearch_stops_before_anything_is_written(
    run: Run, file: Path, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    done = run("simulate", file, "--fields", FIELDS, "--opensearch", url, "--backup", tmp_path / "backup")
    assert (done.code, done.out) == (3, b"")
    assert done.err.startswith(f"edgelift: cannot reach {url}: ")
    assert not (tmp_path / "backup").exists()


def test_silent_server_is_named_and_given_up(run: Run, file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = run("simulate", file, "--fields", FIELDS, "--opensearch", url)
    assert (done.code, done.out) == (3, b"")
    notice, error = done.err.splitlines()
    assert notice == f"edgelift: waiting for {url}, which has not answered yet"
    assert error.startswith(f"edgelift: cannot reach {url}: ")


@pytest.fixture
def other_server() -> Iterator[str]:
    """Yield the URL of a server that is not OpenSearch."""

    class Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Request)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_port_of_something_else_is_named(run: Run, file: Path, other_server: str) -> None:
    done = run("simulate", file, "--fields", FIELDS, "--opensearch", other_server)
    assert (done.code, done.out) == (3, b"")
    assert f"cannot use {other_server}: it does not answer as OpenSearch does" in done.err
