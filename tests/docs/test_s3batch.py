"""The handler accepts the environment, the job arguments and the map items of docs/s3batch.md."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
ENVIRONMENT, JOB, _, MACHINE, _, _ = BLOCKS
BATCHER: dict[str, Any] = MACHINE["States"]["Objects"]["ItemBatcher"]


def test_environment_makes_a_handler(make: Make) -> None:
    variables = dict(ENVIRONMENT["Variables"])
    described = "".join(line for line in PAGE.splitlines() if line.startswith("| `EDGELIFT_"))
    assert variables.keys() <= set(re.findall(r"EDGELIFT_\w+", described))
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
    """Return the state machine without ItemBatcher, which moto does not support, and with a float."""
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
