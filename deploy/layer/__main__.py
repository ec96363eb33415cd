"""The command line of the builder."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from pathlib import Path

from deploy.layer import ROOT, TOOLS, archive, debian, tools, wheel
from deploy.layer.commands import LayerError


def build(architecture: str, output: Path, cross: Path) -> Path:
    """Build the layer of one architecture into the folder ``output``, with the tools in the folder ``cross``.

    Returns:
        Path of the zip.

    Raises:
        LayerError: a tool is missing or has failed.

    """
    target = output / f"edgelift-layer-{architecture}.zip"
    with tempfile.TemporaryDirectory() as folder:
        built = wheel.build(architecture, Path(folder), _rustc(architecture, cross), for_layer=True)
        archive.write(built, target, ROOT)
    return target


def build_wheel(architecture: str, output: Path, cross: Path) -> Path:
    """Build the wheel of one architecture into the folder ``output``, which may have other files.

    Returns:
        Path of the wheel.

    Raises:
        LayerError: a tool is missing or has failed.

    """
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output) as folder:
        built = wheel.build(architecture, Path(folder), _rustc(architecture, cross))
        return built.replace(output / built.name)


def build_tools(architecture: str, output: Path) -> Path:
    """Build the layer of tools of one architecture into the folder ``output``.

    Returns:
        Path of the zip.

    Raises:
        LayerError: a wheel cannot be downloaded.

    """
    target = output / f"edgelift-tools-{architecture}.zip"
    tools.build(target)
    return target


def _rustc(architecture: str, cross: Path) -> Path | None:
    """Return the compiler for another machine's architecture, or None: this machine's own compiler."""
    return debian.tools(cross).rustc if architecture == "aarch64" != platform.machine() else None


def main() -> int:
    """Parse the command line and build the layers."""
    parser = argparse.ArgumentParser(prog="python -m deploy.layer", description="Build Lambda layers.")
    parser.add_argument("architectures", nargs="+", choices=wheel.ARCHITECTURES, metavar="ARCHITECTURE")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="folder of the zips")
    parser.add_argument("--tools", type=Path, default=TOOLS, help="folder of the tools for aarch64")
    parser.add_argument(
        "--kind",
        choices=("layer", "tools", "wheel"),
        default="layer",
        help="edgelift's layer, the one of its tools, or the wheel",
    )
    arguments = parser.parse_args()
    try:
        for architecture in arguments.architectures:
            if arguments.kind == "tools":
                target = build_tools(architecture, arguments.output)
            elif arguments.kind == "wheel":
                target = build_wheel(architecture, arguments.output, arguments.tools)
            else:
                target = build(architecture, arguments.output, arguments.tools)
            print(f"{target}: {target.stat().st_size:,} bytes")  # noqa: T201 -- reports the result
    except LayerError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 -- a command line
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
