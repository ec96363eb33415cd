"""Compiles a manylinux2014 wheel whose extension contains no path of the build machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from deploy.layer import ROOT
from deploy.layer.commands import LayerError, run

ARCHITECTURES = ("x86_64", "aarch64")
"""Names used by Python, Rust and wheels; Lambda calls the second one arm64."""

POLICY = "manylinux2014"
"""glibc 2.17 and later: Amazon Linux 2 and 2023. maturin takes older symbols from zig and checks them."""

HINT = "make layer installs maturin and ziglang; rustc and cargo must be there"


def build(architecture: str, folder: Path, rustc: Path | None = None, *, for_layer: bool = False) -> Path:
    """Build the wheel of one architecture into the empty ``folder``.

    Args:
        architecture: one of `ARCHITECTURES`.
        folder: destination of the wheel.
        rustc: a compiler with this architecture's standard library, or None for the machine's own.
        for_layer: without Arrow arrays and forks of streams, which a function does not need.

    Raises:
        LayerError: a tool is missing or has failed.

    """
    command = [
        *(sys.executable, "-m", "maturin", "build", "--release", "--locked", "--zig"),
        *("--target", f"{architecture}-unknown-linux-gnu", "--compatibility", POLICY),
        # Separate from the default target directory: flags and compiler differ.
        *("--target-dir", str(ROOT / "target" / "layer" / architecture), "--out", str(folder)),
        *(("--no-default-features",) if for_layer else ()),
    ]
    run(command, HINT, folder=ROOT, environment=_environment(rustc))
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise LayerError(f"maturin left {len(wheels)} wheels in {folder} instead of one; {HINT}")
    return wheels[0]


def _environment(rustc: Path | None) -> dict[str, str]:
    """Return the environment of the build: the user's, without variables that would change the bytes."""
    # Not resolved: cargo uses the path as given in the variable.
    cargo_home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")).absolute()
    # Panic messages name the file of a crate. These flags also override RUSTFLAGS and cargo's configuration.
    flags = [f"--remap-path-prefix={cargo_home}=/cargo", f"--remap-path-prefix={ROOT}=/edgelift"]
    changed = {
        "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags),
        "CARGO_INCREMENTAL": "0",
        # maturin looks for ziglang in the first Python in PATH.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    if rustc:
        changed["RUSTC"] = str(rustc)
    profile = "CARGO_PROFILE_RELEASE_"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(profile)}
    return kept | changed
