"""The sample event and the alarms of docs/lambda.md work as shown."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

from edgelift import firehose
from tests.docs.test_aws_models import EVENT, LAMBDA, blocks, commands
from tests.docs.test_readme import run_console

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FIELDS = ["timestamp", "c-ip", "sc-status"]


def test_sample_event_is_transformed_as_shown(tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(json.dumps(EVENT), "utf-8")
    for console in blocks(LAMBDA, "console"):
        run_console(console, tmp_path)


def test_alarms_are_on_metrics_of_the_log_line(capsys: pytest.CaptureFixture[str]) -> None:
    firehose.make_handler({"layouts": [{"fields": FIELDS}]})(EVENT, None)
    (directive,) = json.loads(capsys.readouterr().out)["_aws"]["CloudWatchMetrics"]
    names = {metric["Name"] for metric in directive["Metrics"]}
    alarms = [shlex.split(command) for command in commands(LAMBDA) if "put-metric-alarm" in command]
    assert len(alarms) == 4
    for words in alarms:
        option = dict(zip(words[3::2], words[4::2], strict=True))
        assert option["--namespace"] == directive["Namespace"]
        assert option["--metric-name"] in names
        (dimension,) = directive["Dimensions"][0]
        assert option["--dimensions"].startswith(f"Name={dimension},Value=")
    listed = re.findall(r"`(\w+)`", LAMBDA.partition("## Alarms")[2].partition("What the function")[0])
    assert names & set(listed) == {"Failed", "slimmed", "reingested", "OldestRecordAge", "RecordsIn"}
