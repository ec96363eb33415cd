"""No output is one of the inputs, nor are two outputs one file, by whatever name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROWS = b"200\n404\n"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.tsv"
    file.write_bytes(ROWS)
    return file


@pytest.fixture(params=["same name", "other spelling", "symbolic link", "hard link", "link to a link"])
def alias(request: pytest.FixtureRequest, rows: Path) -> str:
    link = rows.with_name("link")
    match request.param:
        case "same name":
            return str(rows)
        case "other spelling":
            return f"{rows.parent}/./{rows.name}"
        case "symbolic link":
            link.symlink_to(rows)
        case "hard link":
            link.hardlink_to(rows)
        case _:
            rows.with_name("inner").symlink_to(rows)
            link.symlink_to("inner")
    return str(link)


@pytest.mark.parametrize(("option", "role"), [("-o", "the output"), ("--failed", "the failed file")])
def test_output_that_is_an_input_is_refused(run: Run, rows: Path, alias: str, option: str, role: str) -> None:
    other = rows.with_name("other.tsv")
    other.write_bytes(ROWS)
    done = run("transform", other, rows, "--fields", "sc-status", option, alias)
    assert (done.code, done.out) == (2, b"")
    assert done.err == f"edgelift: {role} is the same file as the input {rows}\n"
    assert rows.read_bytes() == ROWS


def test_output_that_is_standard_input_is_refused(run: Run, rows: Path, alias: str) -> None:
    with rows.open("rb") as source:
        done = run("transform", "--fields", "sc-status", "-o", alias, stdin=source.fileno())
    assert done.code == 2
    assert done.err == "edgelift: the output is the same file as the input standard input\n"
    assert rows.read_bytes() == ROWS


def test_standard_output_that_appends_to_the_input_is_refused(run: Run, rows: Path) -> None:
    # `edgelift transform rows.tsv >> rows.tsv` would read its own documents for ever.
    with rows.open("ab") as target:
        done = run("transform", rows, "--fields", "sc-status", stdout=target.fileno())
    assert done.code == 2
    assert rows.read_bytes() == ROWS


@pytest.mark.parametrize(("option", "role"), [("-o", "the output"), ("--failed", "the failed file")])
def test_output_that_is_the_configuration_is_refused(
    run: Run, tmp_path: Path, option: str, role: str
) -> None:
    config, link = tmp_path / "edgelift.toml", tmp_path / "link"
    config.write_text('[[layouts]]\nfields = ["sc-status"]\n')
    link.symlink_to(config)
    done = run("transform", "--config", config, option, link, stdin=ROWS)
    assert (done.code, done.err) == (2, f"edgelift: {role} is the same file as the configuration\n")
    assert config.read_text().startswith("[[layouts]]")


def test_one_existing_file_for_both_outputs_is_refused(run: Run, rows: Path, alias: str) -> None:
    done = run("transform", "--fields", "sc-status", "-o", rows, "--failed", alias, stdin=ROWS)
    assert (done.code, done.err) == (2, "edgelift: the output and the failed file are the same file\n")
    assert rows.read_bytes() == ROWS


@pytest.mark.parametrize("spelling", ["new", "./new", "link"])
def test_one_new_file_for_both_outputs_is_refused(run: Run, tmp_path: Path, spelling: str) -> None:
    (tmp_path / "link").symlink_to("new")
    done = run(
        "transform",
        "--fields",
        "sc-status",
        "-o",
        tmp_path / "new",
        "--failed",
        f"{tmp_path}/{spelling}",
        stdin=ROWS,
    )
    assert done.code == 2
    assert not (tmp_path / "new").exists()


def test_standard_output_for_both_outputs_is_refused(run: Run, tmp_path: Path) -> None:
    command = ("transform", "--fields", "sc-status", "--failed")
    assert run(*command, "-", stdin=ROWS).code == 2
    # On a terminal, too, which is a device like this one: nobody could tell the lines apart.
    with Path("/dev/null").open("wb") as device:
        assert run(*command, "-", stdout=device.fileno()).code == 2
    new = tmp_path / "new"
    with new.open("wb") as target:
        assert run(*command, new, stdin=ROWS, stdout=target.fileno()).code == 2
    assert new.read_bytes() == b""


def test_one_pipe_as_input_and_output_is_refused(run: Run, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert run("transform", pipe, "--fields", "sc-status", "-o", pipe).code == 2


def test_devices_may_serve_twice(run: Run) -> None:
    done = run("transform", "/dev/null", "--fields", "sc-status", "-o", "/dev/null", "--failed", "/dev/null")
    assert (done.code, done.messages) == (0, [])


def test_an_input_may_be_read_twice(run: Run, rows: Path) -> None:
    assert run("transform", rows, rows, "--fields", "sc-status").out.count(b"\n") == 4
