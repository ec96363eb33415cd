"""The Lambda handler's configuration in the environment, each in a process of its own, and its imports."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import edgelift
from edgelift import firehose

TEXT = '[[layouts]]\nfields = ["timestamp", "c-ip"]\n'
EVENT = {
    "records": [{"recordId": "r", "data": "MTcwMDAwMDAwMC41CTE5Mi4wLjIuMQo="}]
}  # 1700000000.5, 192.0.2.1
ANSWER = {
    "recordId": "r",
    "result": "Ok",
    "data": "eyJ0aW1lc3RhbXAiOjE3MDAwMDAwMDA1MDAsImMtaXAiOiIxOTIuMC4yLjEifQ==",
}

CALL = """
import json, sys
from {module} import handler
json.dump(handler(json.load(sys.stdin), None), sys.stderr)
"""
# What fails at import must fail before this prints.
IMPORT = """
import edgelift
try:
    import {module}
except edgelift.ConfigError as error:
    print(json.dumps([str(error), error.line, error.key, error.suggestion]))
"""
PROBE = """
import json, sys
before = set(sys.modules)
import edgelift.firehose
print(json.dumps(sorted(set(sys.modules) - before)))
"""

modules = pytest.mark.parametrize("module", ["edgelift.firehose", "edgelift.pure"])


def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-c", script],
        env=environment,
        input=json.dumps(EVENT),
        capture_output=True,
        text=True,
        check=True,
    )


def import_error(module: str, **environment: str) -> tuple[str, int | None, str | None, str | None]:
    """Read what the error said that the import raised."""
    message, line, key, suggestion = json.loads(
        run("import json\n" + IMPORT.format(module=module), **environment).stdout
    )
    return message, line, key, suggestion


def check_answer(module: str, **environment: str) -> None:
    done = run(CALL.format(module=module), **environment)
    assert json.loads(done.stderr) == {"records": [ANSWER]}
    assert json.loads(done.stdout)["Ok"] == 1


@modules
def test_config_variable_may_be_toml_text(module: str) -> None:
    check_answer(module, EDGELIFT_CONFIG=TEXT)


@modules
def test_config_variable_may_be_one_line_of_toml(module: str) -> None:
    check_answer(module, EDGELIFT_CONFIG='layouts = [{ fields = ["timestamp", "c-ip"] }]')


@modules
def test_config_variable_may_be_a_path(module: str, tmp_path: Path) -> None:
    path = tmp_path / "edgelift.toml"
    path.write_text(TEXT, "utf-8")
    check_answer(module, EDGELIFT_CONFIG=str(path))


@modules
@pytest.mark.parametrize("fields", ["timestamp,c-ip", " timestamp , c-ip\t"])
def test_fields_variable_lists_names(module: str, fields: str) -> None:
    check_answer(module, EDGELIFT_FIELDS=fields)


def test_fields_variable_may_be_all() -> None:
    script = CALL.format(module="edgelift.firehose")
    for fields in ("all", " all "):
        done = run(script, EDGELIFT_FIELDS=fields)
        assert json.loads(done.stdout)["first_failures"]["column_count"]["message"] == (
            f"the record has 2 columns, but the layout has {len(edgelift.FIELDS)}"
        )


@modules
def test_empty_variables_count_as_not_set(module: str) -> None:
    check_answer(module, EDGELIFT_CONFIG="", EDGELIFT_FIELDS="timestamp,c-ip")
    check_answer(module, EDGELIFT_CONFIG=TEXT, EDGELIFT_FIELDS="")


@modules
def test_a_wrong_name_fails_the_import(module: str) -> None:
    message, line, key, suggestion = import_error(
        module, EDGELIFT_CONFIG='[[layouts]]\nfields = [\n  "timestamp",\n  "sc-statsu",\n]\n'
    )
    assert message == (
        'EDGELIFT_CONFIG: line 4: layouts[0].fields[1]: unknown field "sc-statsu"; if CloudFront has added '
        'it, describe it under [[custom_fields]]; did you mean "sc-status"?'
    )
    assert (line, key, suggestion) == (4, "layouts[0].fields[1]", "sc-status")


@modules
def test_a_wrong_key_fails_the_import(module: str) -> None:
    message, line, key, suggestion = import_error(module, EDGELIFT_CONFIG=TEXT + "[output]\nname = 'ecs'\n")
    assert message.startswith("EDGELIFT_CONFIG: line 4: ")
    assert "output" in message
    assert message.endswith('; did you mean "names"?')
    assert (line, suggestion) == (4, "names")
    assert key is not None
    assert key.startswith("output")


@modules
def test_a_wrong_name_among_the_fields_fails_the_import(module: str) -> None:
    message, line, _, suggestion = import_error(module, EDGELIFT_FIELDS="timestamp,c-ipp")
    assert message.startswith("EDGELIFT_FIELDS: ")
    assert 'unknown field "c-ipp"' in message
    assert message.endswith('; did you mean "c-ip"?')
    assert (line, suggestion) == (None, "c-ip")


@modules
def test_a_file_that_is_not_there_fails_the_import(module: str, tmp_path: Path) -> None:
    path = str(tmp_path / "absent.toml")
    message = import_error(module, EDGELIFT_CONFIG=path)[0]
    assert message.startswith(f"EDGELIFT_CONFIG: cannot read the file {path!r}: No such file or directory")
    assert message.endswith('; the variable holds a path unless there is a "=" or a line feed in it')


@modules
def test_both_variables_fail_the_import(module: str) -> None:
    assert import_error(module, EDGELIFT_CONFIG=TEXT, EDGELIFT_FIELDS="all")[0] == (
        "EDGELIFT_CONFIG and EDGELIFT_FIELDS are both set; set one of them"
    )


@modules
def test_missing_configuration_fails_the_first_call(module: str) -> None:
    script = f"""
import json
import edgelift
from {module} import handler, make_handler
try:
    handler({{"records": []}}, None)
except edgelift.ConfigError as error:
    print(error)
"""
    assert run(script).stdout == (
        "edgelift has no configuration: set the environment variable EDGELIFT_FIELDS to the fields of the "
        'real-time log configuration, separated by commas, or to "all"; or set EDGELIFT_CONFIG to TOML text '
        "or to the path of a TOML file\n"
    )


def test_make_handler_takes_text_and_mappings() -> None:
    for config in (TEXT, {"layouts": [{"fields": ["timestamp", "c-ip"]}]}):
        assert firehose.make_handler(config)(EVENT, None) == {"records": [ANSWER]}
    with pytest.raises(edgelift.ConfigError, match="did you mean"):
        firehose.make_handler({"layouts": [{"fields": ["c-ipp"]}]})


def imported() -> set[str]:
    return set(json.loads(run(PROBE, EDGELIFT_FIELDS="all").stdout))


def test_the_handler_imports_nothing_of_third_parties() -> None:
    # The Lambda layer has no dependency.
    own = {"edgelift", "_xxsubinterpreters"}  # Python 3.11 does not list the second among its own
    assert {name.partition(".")[0] for name in imported()} <= sys.stdlib_module_names | own


def test_handler_imports_no_other_modules_of_the_package() -> None:
    own = {name for name in imported() if name.partition(".")[0] == "edgelift"}
    assert own == {"edgelift", *(f"edgelift.{name}" for name in ("_core", "errors", "firehose", "metrics"))}


def test_the_handler_imports_nothing_heavy() -> None:
    heavy = {
        "asyncio",
        "base64",
        "dataclasses",
        "inspect",
        "logging",
        "pathlib",
        "tomllib",
        "typing",
        "urllib",
    }
    assert not imported() & heavy


def test_a_log_that_cannot_be_written_fails_no_batch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    handler = firehose.make_handler(TEXT)
    with (tmp_path / "log").open("w", encoding="utf-8") as log:
        monkeypatch.setattr(sys, "stdout", log)
    # The file is closed by now.
    assert handler(EVENT, None) == {"records": [ANSWER]}


@modules
def test_a_wrong_configuration_is_raised_once(module: str) -> None:
    for config in ("[output]\nname = 1\n", "missing.toml"):
        done = subprocess.run(
            [sys.executable, "-c", f"import {module}"],
            env={**os.environ, "EDGELIFT_CONFIG": config},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr.count("Traceback") == 1
        assert done.stderr.splitlines()[-1].startswith("edgelift.errors.ConfigError: EDGELIFT_CONFIG: ")


@modules
def test_the_start_mentions_other_warnings_than_that_of_the_order(module: str) -> None:
    text = '[[layouts]]\nfields = ["c-ip", "timestamp"]\n[output]\nmissing = "keep"\n'
    warned = run(f"import {module}", EDGELIFT_CONFIG=text).stderr
    assert ("keep" in warned, "order" in warned) == (True, False)
