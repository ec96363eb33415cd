"""The environment of the function: the configuration of the command line in the variables of Lambda."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgelift.cli.console import CliExit, ExitCode, shown_name
from edgelift.cli.output_section import output_section

if TYPE_CHECKING:
    from edgelift.cli.simulate.options import Options


def environment_of(options: Options) -> dict[str, str]:
    """Return the variables of the function. The configuration has been compiled before.

    Raises:
        CliExit: the configuration is not a file.
        OSError: it cannot be read.

    """
    output = output_section(options)
    if options.config is not None:
        return {"EDGELIFT_CONFIG": _config(options.config, output)}
    fields = options.fields or ""
    if not output:
        return {"EDGELIFT_FIELDS": fields}
    names = [name.strip() for name in fields.split(",")]
    layouts = [{"fields": "all" if names == ["all"] else names}]
    return {"EDGELIFT_CONFIG": to_toml({"output": output, "layouts": layouts})}


def _config(config: str, output: dict[str, Any]) -> str:
    """Return the path of a configuration, or its text where the path would not do."""
    # Without links: standard input is another file there.
    path = os.path.realpath(config)
    if not os.path.isfile(path):  # noqa: PTH113 - a string, as it came
        raise CliExit(
            ExitCode.USAGE, f"--config: {shown_name(config)} is not a file; the function reads it, too"
        )
    if output:
        document = tomllib.loads(Path(path).read_text("utf-8-sig"))
        return to_toml(document | {"output": document.get("output", {}) | output})
    # A path with "=" would be read as TOML.
    return Path(path).read_text("utf-8-sig") if "=" in path else path


def to_toml(document: dict[str, Any]) -> str:
    """Return a document as TOML, one line per key. It has no dates."""
    return "".join(f"{_string(key)} = {_value(value)}\n" for key, value in document.items())


def _value(value: object) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_string(key)} = {_value(member)}' for key, member in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    # Numbers and booleans of JSON are those of TOML.
    return _string(value) if isinstance(value, str) else json.dumps(value)


def _string(text: str) -> str:
    # TOML has no surrogate pairs, and no DEL that is not escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
