"""Files that are there whole or not at all: the order of the calls, and what failures leave."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edgelift.atomic_file import AtomicFile, remove_temporaries

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the calls that make a file durable, with what they are of, as they are made."""
    made: list[str] = []

    def recorded(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 -- whatever the real one takes
            first = arguments[0]
            descriptor = first if isinstance(first, int) else named.get("dir_fd")
            place = Path(f"/proc/self/fd/{descriptor}").readlink().name if descriptor is not None else ""
            made.append(f"{name} {place}" if name == "fsync" else f"{name} {arguments[name == 'rename']}")
            return real(*arguments, **named)

        return call

    for name in "fsync", "rename", "mkdir":
        monkeypatch.setattr(os, name, recorded(name, getattr(os, name)))
    return made


def test_commit_syncs_the_file_before_it_gets_its_name_and_the_folder_after(
    tmp_path: Path, calls: list[str]
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    calls.clear()
    with AtomicFile(root / "a" / "b" / "file", below=root) as file:
        (temporary,) = (root / "a" / "b").iterdir()
        file.write(b"data")
        # Each new folder is in the one above it before something is in it.
        assert calls == ["mkdir a", "fsync root", "mkdir b", "fsync a"]
        calls.clear()
        file.commit()
    assert calls == [f"fsync {temporary.name}", "rename file", "fsync b"]
    assert (root / "a" / "b" / "file").read_bytes() == b"data"


@pytest.mark.parametrize("when", ["fsync", "rename"])
def test_failed_commit_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    (tmp_path / "file").write_bytes(b"before")

    def fails(*_: object, **__: object) -> None:
        raise OSError(5, os.strerror(5))

    with AtomicFile(tmp_path / "file") as file:
        file.write(b"data")
        monkeypatch.setattr(os, when, fails)
        with pytest.raises(OSError, match="Input/output error"):
            file.commit()
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]


def test_folders_that_are_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotADirectoryError, match="the folder link is a link, not followed here"):
        AtomicFile(tmp_path / "root" / "link" / "file", below=tmp_path / "root")
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("kind", ["symbolic link", "dangling link", "hard link", "pipe", "file"])
def test_commit_replaces_the_file_of_that_name(tmp_path: Path, kind: str) -> None:
    path, target = tmp_path / "file", tmp_path / "target"
    target.write_bytes(b"of somebody else")
    match kind:
        case "symbolic link":
            path.symlink_to(target)
        case "dangling link":
            path.symlink_to(tmp_path / "nothing")
        case "hard link":
            path.hardlink_to(target)
        case "pipe":
            os.mkfifo(path)
        case _:
            path.write_bytes(b"before")
    with AtomicFile(path) as file:
        file.write(b"data")
        file.commit()
    assert not path.is_symlink()
    assert path.read_bytes() == b"data"
    assert target.read_bytes() == b"of somebody else"
    assert not (tmp_path / "nothing").exists()


def test_a_folder_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(IsADirectoryError):
        AtomicFile(tmp_path / "file")
    assert len(list(tmp_path.iterdir())) == 1


def test_names_of_temporary_files_cannot_be_guessed(tmp_path: Path) -> None:
    names = set()
    for _ in range(20):
        with AtomicFile(tmp_path / ("n" * 255)):
            names |= {path.name for path in tmp_path.iterdir()}
    assert len(names) == 20
    assert not list(tmp_path.iterdir())


def test_temporary_files_of_killed_jobs_are_removed(tmp_path: Path) -> None:
    kept = [
        ".edgelift-x.partial",
        f".edgelift-{'0' * 32}.resumable",
        f"edgelift-{'0' * 32}.partial",
        ".a.partial",
    ]
    (tmp_path / "a").mkdir()
    for folder in tmp_path, tmp_path / "a":
        for name in [*kept, f".edgelift-{'0' * 32}.partial"]:
            (folder / name).touch()
    remove_temporaries(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept * 2)
