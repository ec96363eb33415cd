"""Fetches a compiler, an emulator and a Python for aarch64 into a folder; installs nothing into the system.

They are packages of Debian 12 from the package sources of the machine. apt fetches them with separate lists
and a separate cache, and they are unpacked into the folder. The folder, 1 GB, is kept, and rebuilt if the
list below changes or ``make clean`` has removed it.
"""

from __future__ import annotations

import shlex
import shutil
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.layer.commands import run

if TYPE_CHECKING:
    from pathlib import Path

HOST = (
    # The compiler. Names with versions change: see `apt-cache depends` of the first one and its dependencies.
    *("rustc-web", "libstd-rust-web-1.96", "libstd-rust-web-dev", "libllvm22"),
    # Dependencies of the compiler that a minimal system may lack.
    *("libz3-4", "libedit2", "libbsd0", "libmd0", "libxml2", "libicu72"),
    "qemu-user-static",
)
"""Packages that run on this machine."""

TARGET_STD = ("libstd-rust-web-dev:arm64",)
"""The standard library for aarch64, unpacked next to the compiler's own."""

TARGET = (
    *("python3.11-minimal:arm64", "libpython3.11-minimal:arm64", "libpython3.11-stdlib:arm64"),
    *("libc6:arm64", "libgcc-s1:arm64", "libexpat1:arm64", "zlib1g:arm64", "libffi8:arm64", "libssl3:arm64"),
)
"""Packages that run in the emulator."""

PYTHON = "usr/bin/python3.11"
"""The Python among `TARGET`."""

LIBRARIES = "usr/lib/x86_64-linux-gnu"
"""Folder of the libraries of `HOST`."""

HINT = (
    "the tools for aarch64 are packages of Debian 12 on x86_64, listed in deploy/layer/debian.py, which apt "
    "must find in its sources, with no need of root; make dist/edgelift-layer-x86_64.zip does without them"
)


@dataclass(frozen=True)
class Tools:
    """The unpacked packages."""

    folder: Path

    @property
    def rustc(self) -> Path:
        """The compiler, which finds its own libraries."""
        return self.folder / "rustc"

    @property
    def python(self) -> tuple[str, ...]:
        """The command that runs the Python of aarch64."""
        arm = self.folder / "arm"
        emulator = self.folder / "host" / "usr" / "bin" / "qemu-aarch64-static"
        return str(emulator), "-L", str(arm), str(arm / PYTHON)


def tools(folder: Path) -> Tools:
    """Return the tools in ``folder``. Fetches them first unless they match the list.

    Raises:
        LayerError: apt or dpkg is missing or has failed.

    """
    folder = folder.resolve()
    wanted = "\n".join((*HOST, *TARGET_STD, *TARGET, ""))
    stamp = folder / "packages.txt"
    if not (stamp.is_file() and stamp.read_text("utf-8") == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        _unpack(folder)
        stamp.write_text(wanted, "utf-8")  # last: a folder without it is incomplete
    return Tools(folder)


def _unpack(folder: Path) -> None:
    host, arm = folder / "host", folder / "arm"
    for part in (host, arm):
        part.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        apt = folder / name
        _update(apt)
        for packages, place in ((HOST, host), (TARGET_STD, host), (TARGET, arm)):
            for package in _download(apt, packages):
                run(("dpkg-deb", "--extract", str(package), str(place)), HINT)
    rustc = folder / "rustc"
    libraries, compiler = (shlex.quote(str(host / place)) for place in (LIBRARIES, "usr/bin/rustc"))
    rustc.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH={libraries} exec {compiler} "$@"\n', "utf-8")
    rustc.chmod(0o755)
    run((str(rustc), "--version"), HINT)


def _update(apt: Path) -> None:
    """Update package lists for both architectures, separate from those of the system."""
    for part in ("lists/partial", "cache/archives/partial"):
        (apt / part).mkdir(parents=True)
    run((*_apt_get(apt), "update"), HINT)


def _download(apt: Path, packages: tuple[str, ...]) -> list[Path]:
    """Download packages, which apt verifies against its lists, and return their files."""
    place = apt / "packages"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    run((*_apt_get(apt), "download", *packages), HINT, folder=place)
    return sorted(place.glob("*.deb"))


def _apt_get(apt: Path) -> tuple[str, ...]:
    options = {
        "Dir::State::lists": f"{apt}/lists",
        "Dir::Cache": f"{apt}/cache",
        "APT::Sandbox::User": "root",  # apt's sandbox user cannot write to our folder
        "Acquire::Retries": "3",
    }
    architectures = (f"APT::Architectures::={name}" for name in ("amd64", "arm64"))
    assigned = (f"{name}={value}" for name, value in options.items())
    return "apt-get", "-qq", *(part for option in (*assigned, *architectures) for part in ("-o", option))
