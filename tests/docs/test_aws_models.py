"""The AWS commands and JSON of the pages in docs/ match the models of AWS."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

DOCS = Path(__file__).parents[2] / "docs"
LAMBDA, S3BATCH, STANDARD = (
    (DOCS / f"{page}.md").read_text("utf-8") for page in ("lambda", "s3batch", "standard-logs")
)


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def commands(page: str) -> list[str]:
    shell = "".join(blocks(page, "sh")).replace("\\\n", " ")
    return [line for line in shell.splitlines() if line.startswith("aws ")]


COMMANDS = [
    *commands(LAMBDA),
    *commands(S3BATCH),
    *commands(STANDARD),
    *re.findall(r"`(aws [^`<]+)`", LAMBDA),
]
PROCESSING, EVENT, PROCESSORS = map(json.loads, blocks(LAMBDA, "json"))
ENVIRONMENT, JOB, MANIFEST, _, *POLICIES = map(json.loads, blocks(S3BATCH, "json"))
QUEUE, TRUST, POLICY, VARIABLES, NOTIFICATION, PATTERN = map(json.loads, blocks(STANDARD, "json"))
LISTED_JOB = {key: JOB[key] for key in JOB if key != "ManifestGenerator"} | MANIFEST


_GLOBAL_OPTIONS = {"--cli-binary-format"}
"""Options of the command line that no operation has."""


def model(service: str) -> Any:  # noqa: ANN401 -- made at run time
    return botocore.session.get_session().get_service_model(service)


def check(values: dict[str, Any], shape: Any) -> None:  # noqa: ANN401 -- made at run time
    report = ParamValidator().validate(values, shape)
    assert not report.has_errors(), report.generate_report()
    check_words(values, shape)


def check_words(value: Any, shape: Any) -> None:  # noqa: ANN401 -- made at run time
    """Check names and the values of enumerations, which botocore does not check."""
    if shape.type_name == "structure":
        assert value.keys() <= shape.members.keys()
        for name in value:
            check_words(value[name], shape.members[name])
    elif shape.type_name == "list":
        for each in value:
            check_words(each, shape.member)
    else:
        assert value in (getattr(shape, "enum", None) or [value])


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_have_the_parameters_of_aws(command: str) -> None:
    _, service, operation, *rest = shlex.split(command)
    # The command line's name of a service with two interfaces.
    service = {"s3api": "s3"}.get(service, service)
    shape = model(service).operation_model(camel(operation)).input_shape
    members = {xform_name(name, "-"): name for name in shape.members}
    given: dict[str, list[str]] = {}
    for word in rest:
        if word in _GLOBAL_OPTIONS:
            values = []
        elif word.startswith("--"):
            option = word.removeprefix("--")
            values = given.setdefault(members.get(option, camel(option)), [])
        else:
            values.append(word)
    # The command line's shorthand for a zip.
    names = {"ZipFile": "Content" if operation == "publish-layer-version" else "Code"}
    given = {names.get(name, name): values for name, values in given.items()}
    assert given.keys() <= shape.members.keys()
    assert given.keys() >= set(shape.required_members)
    for name, values in given.items():
        member = shape.members[name]
        if member.type_name == "list" and member.member.type_name == "string":
            check_words(values, member)
        elif member.type_name == "string":
            check_words(values[0], member)
        if name == "Environment" and not values[0].startswith("file:"):
            check(json.loads(values[0]), shape.members[name])


@pytest.mark.parametrize(
    ("values", "service", "shape"),
    [
        (PROCESSING, "firehose", "ProcessingConfiguration"),
        ({"Processors": PROCESSORS}, "firehose", "ProcessingConfiguration"),
        (ENVIRONMENT, "lambda", "Environment"),
        (VARIABLES, "lambda", "Environment"),
        (NOTIFICATION, "s3", "NotificationConfiguration"),
        (JOB, "s3control", "CreateJobRequest"),
        (
            {key: JOB[key] for key in JOB if key != "ManifestGenerator"} | MANIFEST,
            "s3control",
            "CreateJobRequest",
        ),
    ],
)
def test_json_matches_its_model(values: dict[str, Any], service: str, shape: str) -> None:
    check(values, model(service).shape_for(shape))


@pytest.mark.parametrize("policy", [*POLICIES, POLICY])
def test_policies_have_statements_with_known_actions(policy: dict[str, Any]) -> None:
    assert policy["Version"] == "2012-10-17"
    for statement in policy["Statement"]:
        assert set(statement) == {"Effect", "Action", "Resource"}
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            assert re.fullmatch(r"(s3|es|lambda|logs|sqs|states):[A-Za-z]+", action)


def test_queue_returns_failed_messages_and_lets_the_bucket_send() -> None:
    check({"QueueName": "edgelift", "Attributes": QUEUE}, model("sqs").shape_for("CreateQueueRequest"))
    assert QUEUE.keys() <= set(model("sqs").shape_for("QueueAttributeName").enum)
    (mapping,) = (command for command in commands(STANDARD) if "create-event-source-mapping" in command)
    (target,) = NOTIFICATION["QueueConfigurations"]
    queue = target["QueueArn"]
    assert queue in shlex.split(mapping)
    assert json.loads(QUEUE["RedrivePolicy"])["deadLetterTargetArn"] == f"{queue}-failed"
    (statement,) = json.loads(QUEUE["Policy"])["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("sqs:SendMessage", queue)
    assert statement["Condition"]["ArnLike"] == {"aws:SourceArn": "arn:aws:s3:::my-logs"}
    (function,) = (command for command in commands(STANDARD) if "create-function" in command)
    timeout = shlex.split(function)[shlex.split(function).index("--timeout") + 1]
    assert int(QUEUE["VisibilityTimeout"]) == 6 * int(timeout)


def test_role_is_for_lambda_and_rule_for_created_objects() -> None:
    (statement,) = TRUST["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert statement["Action"] == "sts:AssumeRole"
    assert (PATTERN["source"], PATTERN["detail-type"]) == (["aws.s3"], ["Object Created"])
