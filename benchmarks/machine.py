"""Where and under what a measurement was made: machine, versions, commit."""

from __future__ import annotations

import os
import platform
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
_PACKAGES = ("edgelift", "orjson", "pytest-benchmark")


def _said(*command: str) -> str:
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    except FileNotFoundError:
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""


def _cpu_facts() -> dict[str, str]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def machine() -> dict[str, str | int]:
    """Processor, cores and kernel."""
    return {
        "cpu": _cpu_facts().get("model name", platform.processor()),
        "cores": os.cpu_count() or 0,
        "kernel": f"{platform.system()} {platform.release()}",
    }


def counting_versions() -> dict[str, str]:
    """Versions that move a count of instructions though our code stays."""
    flags = _cpu_facts().get("flags", "").split()
    # memchr and memcpy choose their code by what the processor can.
    wide = "+avx2" if "avx2" in flags else ""
    return {
        "rustc": _second(_said("rustc", "--version")),
        "valgrind": _said("valgrind", "--version").removeprefix("valgrind-"),
        "libc": " ".join(platform.libc_ver()),
        "cpu": platform.machine() + wide,
    }


def _second(text: str) -> str:
    return text.split()[1] if " " in text else text


def crate_versions() -> dict[str, str]:
    """Every crate of Cargo.lock and its version; several versions of one crate are joined by a blank."""
    locked: dict[str, list[str]] = {}
    for package in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]:
        locked.setdefault(package["name"], []).append(package["version"])
    return {name: " ".join(versions) for name, versions in locked.items()}


def versions() -> dict[str, str]:
    """Versions of everything that is measured or measures."""
    packages = {name: metadata.version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), **counting_versions(), **packages}


def commit() -> str:
    """Commit that is measured, with ``-dirty`` if files differ from it; ``unknown`` outside of git."""
    head = _said("git", "rev-parse", "--short=12", "HEAD")
    if not head:
        return "unknown"
    return f"{head}-dirty" if _said("git", "status", "--porcelain") else head
