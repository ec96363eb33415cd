"""The policy reingest in the real runtime client, with Kinesis as moto has it."""

import json
import os
from pathlib import Path

from benchmarks.runtime_api import Function
from tests.engine.event.invariants import LIMIT, compact, event_of, fates

from .test_reingest import CREDENTIALS, ROWS, TEXT, TRANSFORMER


def test_no_record_is_lost_in_the_real_runtime(tmp_path: Path) -> None:
    """Of the two handlers' records none is lost: what the response drops is in the stream."""
    import boto3  # one test needs them
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        url = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
        session = boto3.Session("testing", "testing", region_name="us-east-1")
        kinesis = session.client("kinesis", endpoint_url=url)
        kinesis.create_stream(StreamName="rows", ShardCount=1)
        event = event_of(ROWS, source="kinesis")
        event["sourceKinesisStreamArn"] = kinesis.describe_stream(StreamName="rows")["StreamDescription"][
            "StreamARN"
        ]
        dropped = 0
        for handler in ("edgelift.runtime.handler", "edgelift.firehose.handler"):
            environment = {
                "EDGELIFT_CONFIG": TEXT,
                "AWS_ENDPOINT_URL": url,
                "HOME": os.devnull,
                **CREDENTIALS,
            }
            with Function(handler, environment).running(tmp_path / "log") as function:
                outcome = function.invoke(compact(event))
            assert outcome.kind == "response"
            assert len(outcome.body) <= LIMIT
            found = fates(TRANSFORMER, event, json.loads(outcome.body))
            assert found["ProcessingFailed"] == found["emptied"] == []
            dropped += len(found["Dropped"])
        shard = kinesis.describe_stream(StreamName="rows")["StreamDescription"]["Shards"][0]["ShardId"]
        position = kinesis.get_shard_iterator(
            StreamName="rows", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        stored: list[bytes] = []
        while batch := kinesis.get_records(ShardIterator=position):
            if not batch["Records"]:
                break
            stored += [record["Data"] for record in batch["Records"]]
            position = batch["NextShardIterator"]
        assert len(stored) == dropped
        assert set(stored) == set(ROWS[-(dropped // 2) :])
    finally:
        server.stop()
