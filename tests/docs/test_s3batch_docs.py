"""The definitions of docs/s3batch.md match AWS's models, and the handler accepts them."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from edgelift import s3batch
from tests.handlers.s3batch.conftest import COUNTS, ROWS, event, task
from tests.reprocess.conftest import uploaded

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.reprocess.conftest import Client

    Make = Callable[..., s3batch.Handler]

PAGE = (Path(__file__).parents[2] / "docs" / "s3batch.md").read_text("utf-8")
BLOCKS: list[dict[str, Any]] = [
    json.loads(text) for text in re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
]
ENVIRONMENT, JOB, MANIFEST, MACHINE, FUNCTION_POLICY, CALLER_POLICY = BLOCKS
BATCHER: dict[str, Any] = MACHINE["States"]["Objects"]["ItemBatcher"]


def check(values: dict[str, Any], shape: Any) -> None:  # noqa: ANN401 -- made at run time
    assert values.keys() <= shape.members.keys()
    report = ParamValidator().validate(values, shape)
    assert not report.has_errors(), report.generate_report()
    for name, value in values.items():
        member = shape.members[name]
        if isinstance(value, dict) and member.type_name == "structure":
            check(value, member)
        elif member.type_name == "list" and getattr(member.member, "enum", None):
            assert set(value) <= set(member.member.enum)
        elif getattr(member, "enum", None):
            assert value in member.enum


@pytest.mark.parametrize("manifest", [{}, MANIFEST])
def test_job_matches_the_model_of_s3(manifest: dict[str, Any]) -> None:
    job = JOB | manifest
    if manifest:
        del job["ManifestGenerator"]
    model = botocore.session.get_session().get_service_model("s3control")
    check(job, model.operation_model("CreateJob").input_shape)


def test_function_matches_the_model_of_lambda() -> None:
    (command,) = re.findall(r"^```sh\naws lambda create-function (.*?)```$", PAGE, re.MULTILINE | re.DOTALL)
    model = botocore.session.get_session().get_service_model("lambda")
    shape = model.operation_model("CreateFunction").input_shape
    words = shlex.split(command.replace("\\\n", " "))
    options = {
        "".join(part.capitalize() for part in word[2:].split("-")) for word in words if word[:2] == "--"
    }
    assert options - {"ZipFile"} <= shape.members.keys()
    assert options >= set(shape.required_members) - {"Code"}
    check(ENVIRONMENT, shape.members["Environment"])


def test_environment_makes_a_handler(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = dict(ENVIRONMENT["Variables"])
    for name in variables:
        monkeypatch.delenv(name, raising=False)
    make(
        variables.pop("EDGELIFT_DESTINATION"),
        **{k.removeprefix("EDGELIFT_"): v for k, v in variables.items()},
    )


def test_arguments_of_the_job_name_the_destination(make: Make, s3: Client, opensearch: str) -> None:
    s3.put_object(Bucket="logs", Key="a", Body=ROWS)
    invoke = JOB["Operation"]["LambdaInvoke"]
    arguments = dict.fromkeys(invoke["UserArguments"], opensearch)
    reported = event(task("a"), version=invoke["InvocationSchemaVersion"], userArguments=arguments)
    (answer,) = make(None, ALLOWED_DESTINATIONS=opensearch)(reported, None)["results"]
    assert (answer["resultCode"], json.loads(answer["resultString"])) == ("Succeeded", COUNTS)


def _unbatched() -> dict[str, Any]:
    """Give the state machine but for batches, which moto's parser does not know, and with a point in 100."""
    machine: dict[str, Any] = json.loads(json.dumps(MACHINE))
    objects = machine["States"]["Objects"]
    del objects["ItemBatcher"]
    objects["ToleratedFailurePercentage"] = float(objects["ToleratedFailurePercentage"])
    return machine


def test_state_machine_parses_and_retries_temporary_failures() -> None:
    AmazonStateLanguageParser.parse(json.dumps(_unbatched()))
    # Source: AWS Step Functions Developer Guide, "ItemBatcher (Map)".
    assert BATCHER.keys() == {"MaxItemsPerBatch", "BatchInput"}
    (task_state,) = MACHINE["States"]["Objects"]["ItemProcessor"]["States"].values()
    (retry,) = task_state["Retry"]
    assert s3batch.TemporaryFailure.__name__ in retry["ErrorEquals"]
    assert s3batch.PermanentFailure.__name__ not in retry["ErrorEquals"]


def test_handler_transforms_the_items_of_the_map(make: Make, s3: Client) -> None:
    s3.put_object(Bucket="logs", Key="cdn/a b+c", Body=ROWS)
    common = dict(zip(BATCHER["BatchInput"], ["logs", "s3://documents"], strict=True))
    # Source: AWS Step Functions Developer Guide, "ItemReader (Map)", objects of listObjectsV2.
    item = {"Etag": '"e"', "Key": "cdn/a b+c", "LastModified": 1, "Size": 1, "StorageClass": "STANDARD"}
    handler = make(None, ALLOWED_DESTINATIONS="s3://documents")
    (reported,) = handler({"BatchInput": common, "Items": [item]}, None)["Items"]
    assert reported["result"] == "Succeeded"
    assert set(uploaded(s3)) == {"logs/cdn/a b+c.ndjson"}


@pytest.mark.parametrize("policy", [FUNCTION_POLICY, CALLER_POLICY])
def test_policies_have_statements_with_known_actions(policy: dict[str, Any]) -> None:
    assert policy["Version"] == "2012-10-17"
    for statement in policy["Statement"]:
        assert set(statement) == {"Effect", "Action", "Resource"}
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            assert re.fullmatch(r"(s3|es|lambda|states):[A-Za-z]+", action)
