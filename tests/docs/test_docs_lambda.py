"""Claims of docs/lambda.md: commands and shapes against AWS's own models."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from benchmarks import buffers
from edgelift import reingest

RESULTS = sorted((Path(__file__).parents[2] / "benchmarks" / "results").glob("*.json"))
PAGE = (Path(__file__).parents[2] / "docs" / "lambda.md").read_text("utf-8")
SHELL = "\n".join(re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)).replace("\\\n", " ")
INLINE = re.findall(r"`(aws [^`]+)`", PAGE)
COMMANDS = [line for line in [*SHELL.splitlines(), *INLINE] if line.startswith("aws ")]


def model(service: str) -> Any:  # noqa: ANN401 (made at run time)
    return botocore.session.get_session().get_service_model(service)


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_those_of_aws(command: str) -> None:
    _, service, operation, *rest = shlex.split(command)
    shape = model(service).operation_model(camel(operation)).input_shape
    given: dict[str, list[str]] = {}
    for word in rest:
        if word.startswith("--"):
            values = given.setdefault(camel(word.removeprefix("--")), [])
        else:
            values.append(word)
    # The command line's shorthand for a zip of one's own.
    names = {"ZipFile": "Content" if operation == "publish-layer-version" else "Code"}
    given = {names.get(name, name): values for name, values in given.items()}
    assert given.keys() <= shape.members.keys()
    assert given.keys() >= set(shape.required_members)
    for name, values in given.items():
        member = shape.members[name]
        if member.type_name == "list":
            assert set(values) <= set(member.member.enum or values)
        if name == "Environment":
            report = ParamValidator().validate(json.loads(values[0]), member)
            assert not report.has_errors(), report.generate_report()


def test_there_are_commands() -> None:
    assert [command.split()[2] for command in COMMANDS] == [
        "publish-layer-version",
        "create-function",
        "get-realtime-log-config",
    ]


def test_the_processor_is_one_that_firehose_takes() -> None:
    (text,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    configuration = json.loads(text)
    shape = model("firehose").shape_for("ProcessingConfiguration")
    report = ParamValidator().validate(configuration, shape)
    assert not report.has_errors(), report.generate_report()
    (processor,) = configuration["Processors"]
    assert processor["Type"] in model("firehose").shape_for("ProcessorType").enum
    names = model("firehose").shape_for("ProcessorParameterName").enum
    assert {parameter["ParameterName"] for parameter in processor["Parameters"]} <= set(names)


def test_pauses_and_time_that_is_kept() -> None:
    *first, last = (f"{pause:g}" for pause in reingest.PAUSES)
    text = " ".join(PAGE.split())
    assert f"put again after {', '.join(first)} and {last} seconds" in text
    assert f"less than {reingest.TIME_KEPT / 1000:g} seconds of the function's time" in text


def test_the_measured_buffers_are_those_of_a_result() -> None:
    (commit,) = re.findall(r"Measured by `make bench` at commit ([0-9a-f]{12}) on", PAGE)
    (path,) = (path for path in RESULTS if path.stem.endswith(commit))
    assert buffers.table(json.loads(path.read_text("utf-8"))["buffers"]) in PAGE
