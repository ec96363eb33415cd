"""The commands and shapes of docs/lambda.md match AWS's models."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

PAGE = (Path(__file__).parents[2] / "docs" / "lambda.md").read_text("utf-8")
SHELL = "\n".join(re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)).replace("\\\n", " ")
INLINE = re.findall(r"`(aws [^`]+)`", PAGE)
COMMANDS = [line for line in [*SHELL.splitlines(), *INLINE] if line.startswith("aws ")]


def model(service: str) -> Any:  # noqa: ANN401 (made at run time)
    return botocore.session.get_session().get_service_model(service)


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_have_the_parameters_of_aws(command: str) -> None:
    _, service, operation, *rest = shlex.split(command)
    shape = model(service).operation_model(camel(operation)).input_shape
    given: dict[str, list[str]] = {}
    for word in rest:
        if word.startswith("--"):
            values = given.setdefault(camel(word.removeprefix("--")), [])
        else:
            values.append(word)
    # The command line's shorthand for a zip.
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


def test_processor_matches_the_model_of_firehose() -> None:
    (text,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    configuration = json.loads(text)
    shape = model("firehose").shape_for("ProcessingConfiguration")
    report = ParamValidator().validate(configuration, shape)
    assert not report.has_errors(), report.generate_report()
    (processor,) = configuration["Processors"]
    assert processor["Type"] in model("firehose").shape_for("ProcessorType").enum
    names = model("firehose").shape_for("ProcessorParameterName").enum
    assert {parameter["ParameterName"] for parameter in processor["Parameters"]} <= set(names)
