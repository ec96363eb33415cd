"""The handlers in Lambda's real runtime client, driven over the Runtime API on loopback."""

import json
from pathlib import Path
from typing import Any

import pytest

import edgelift
from benchmarks import corpus
from benchmarks.runtime_api import CLIENTS, Function, Outcome
from benchmarks.runtime_api import LIMIT as TAKEN
from tests.engine.event.invariants import LIMIT, compact, event_of, fates

FIXTURES = Path(__file__).parents[1] / "fixtures"
ROW_45 = (FIXTURES / "realtime" / "kds-2022-45col.tsv").read_bytes()
ROW_40 = (FIXTURES / "realtime" / "redacted-2020-40col.tsv").read_bytes()
NAMES = [name for name in edgelift.FIELDS if name != "s-ip"]
REAL = f"[[layouts]]\nfields = {json.dumps(NAMES[:45])}\n[[layouts]]\nfields = {json.dumps(NAMES[:40])}\n"
RAW, DICT = "edgelift.runtime.handler", "edgelift.firehose.handler"
CLIENT = pytest.mark.parametrize("client", CLIENTS)


def configured(handler: str, config: str = REAL, **function: Any) -> Function:  # noqa: ANN401
    return Function(handler, {"EDGELIFT_CONFIG": config}, **function)


def response_of(outcome: Outcome) -> dict[str, Any]:
    assert (outcome.kind, outcome.content_type) == ("response", "application/json")
    response = json.loads(outcome.body)
    assert isinstance(response, dict)
    return response


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]


def test_tested_clients_are_the_oldest_and_newest() -> None:
    versions = sorted(tuple(map(int, version.split("."))) for version in CLIENTS)
    assert [version[0] for version in versions] == [3, 4, 4]
    assert versions[1] == (4, 0, 0)
    assert versions[2] > versions[1]


@CLIENT
def test_raw_and_dict_path_give_equal_answers(client: str, tmp_path: Path) -> None:
    event = event_of([ROW_45, b"bad\n", ROW_40, ROW_45], source="kinesis")
    event["records"].append({"recordId": "\u00e9", "data": None})
    responses, paths = [], []
    for handler in (RAW, DICT):
        log = tmp_path / handler
        with configured(handler, client=client).running(log) as function:
            # An invocation more: the state that the first one leaves must not matter.
            responses += [response_of(function.invoke(compact(event))) for _ in range(2)]
        paths += [(line["event"], line["path"], line["Ok"], line["Failed"]) for line in lines(log)]
    assert responses == responses[:1] * 4
    found = fates(edgelift.Transformer(REAL), event, responses[0])
    assert (found["Ok"], found["ProcessingFailed"], found["emptied"]) == ([0, 2, 3], [1], [4])
    assert paths == [("edgelift.batch", "raw", 3, 2)] * 2 + [("edgelift.batch", "dict", 3, 2)] * 2


@pytest.mark.parametrize("handler", [RAW, DICT])
@pytest.mark.parametrize("python_version", ["3.11", "3.13"])
def test_a_whole_event_of_short_rows_is_answered_under_the_limit(
    handler: str, python_version: str, tmp_path: Path
) -> None:
    block = corpus.block("c14")
    rows = list(block.lines)
    size = len(compact(event_of(rows[:1_000]))) // 1_000
    event = event_of((rows * (LIMIT // size // len(rows) + 1))[: LIMIT // size - 100])
    # Ids beyond ASCII: what they take in the response is the client's affair.
    for record in event["records"]:
        record["recordId"] += "\u00e9"
    raw = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
    assert len(raw) < LIMIT
    config = f"[[layouts]]\nfields = {json.dumps(block.fields)}\n"
    function = configured(handler, config, python_version=python_version)
    with function.running(tmp_path / "log") as running:
        outcome = running.invoke(raw)
    assert LIMIT - 2_000 < len(outcome.body) <= LIMIT
    found = fates(edgelift.Transformer(config), event, response_of(outcome))
    assert found["Dropped"] == found["emptied"] == []
    (line,) = lines(tmp_path / "log")
    assert (line["Ok"], line["Failed"]) == (len(found["Ok"]), len(found["ProcessingFailed"]))
    assert line["Failed_too_large"] > 0


def test_loopback_refuses_responses_that_are_too_large(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text(f"def handler(event, context):\n    return 'x' * {TAKEN}\n", "utf-8")
    with Function("large.handler", path=tmp_path).running(tmp_path / "log") as function:
        assert function.invoke(b"{}").kind == "too_large"
        assert function.wait() != 0


NO_EVENTS: dict[str, tuple[bytes, str]] = {
    "not JSON": (b"{", "the event is not JSON: expected a key in quotes at byte 1"),
    "not UTF-8": (b'{"\xff":1}', "the event is not JSON: expected UTF-8 at byte 2"),
    "no records": (b"{}", 'the event has no "records"'),
    "no recordId": (b'{"records":[{}]}', 'expected an object with a string "recordId"'),
}


@CLIENT
def test_invalid_event_fails_its_invocation_and_no_later_one(client: str, tmp_path: Path) -> None:
    with configured(RAW, client=client).running(tmp_path / "log") as function:
        for event, message in NO_EVENTS.values():
            outcome = function.invoke(event)
            error = json.loads(outcome.body)
            assert (outcome.kind, error["errorType"]) == ("error", "EdgeliftError")
            assert message in error["errorMessage"]
        assert response_of(function.invoke(b'{"records":[]}')) == {"records": []}


def test_dict_handler_names_the_problem_of_an_event(tmp_path: Path) -> None:
    with configured(DICT).running(tmp_path / "log") as function:
        error = json.loads(function.invoke(b"{}").body)
        assert (error["errorType"], 'has no "records"' in error["errorMessage"]) == ("EdgeliftError", True)


@CLIENT
def test_a_wrong_configuration_fails_the_start(client: str, tmp_path: Path) -> None:
    with configured(RAW, REAL + "[output]\nname = 1\n", client=client).running(tmp_path / "log") as function:
        outcome = function.outcome()
        error = json.loads(outcome.body)
        assert (outcome.kind, error["errorType"]) == ("init/error", "ConfigError")
        assert error["errorMessage"].startswith("EDGELIFT_CONFIG: line 6: output.name: unknown key")
        assert function.wait() != 0


WRONG = {
    "text": REAL + "[output]\nname = 1\n",
    "file": "missing.toml",
}


@CLIENT
@pytest.mark.parametrize("config", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("handler", [RAW, DICT, "edgelift.s3events.handler"])
def test_a_wrong_configuration_is_one_line_of_the_log(
    client: str, handler: str, config: str, tmp_path: Path
) -> None:
    with configured(handler, config, client=client).running(tmp_path / "log") as function:
        message = json.loads(function.outcome().body)["errorMessage"]
        function.wait()
    log = (tmp_path / "log").read_text()
    assert log.count(message) == 1
    assert "  File " not in log, "no frames of a traceback"


@pytest.mark.parametrize("handler", [RAW, DICT])
def test_the_order_of_fields_is_no_line_of_the_log(handler: str, tmp_path: Path) -> None:
    config = '[[layouts]]\nfields = ["c-ip", "timestamp"]\n'
    with configured(handler, config).running(tmp_path / "log") as function:
        assert response_of(function.invoke(b'{"records":[]}')) == {"records": []}
    assert "CloudFront's order" not in (tmp_path / "log").read_text()


def test_each_call_without_a_configuration_fails(tmp_path: Path) -> None:
    with Function(RAW).running(tmp_path / "log") as function:
        error = json.loads(function.invoke(b'{"records":[]}').body)
        assert error["errorType"] == "ConfigError"
        assert error["errorMessage"].startswith("edgelift has no configuration: set the environment variable")


WRAPPER = """
from edgelift.runtime import handler as inner
def handler(event, context):
    return inner(event, context)
"""


@CLIENT
def test_handler_under_a_wrapper_gets_dicts_and_logs_it_once(client: str, tmp_path: Path) -> None:
    (tmp_path / "wrapper.py").write_text(WRAPPER, "utf-8")
    event = event_of([ROW_45])
    function = configured("wrapper.handler", client=client, path=tmp_path)
    with function.running(tmp_path / "log") as running:
        found = [response_of(running.invoke(compact(event))) for _ in range(2)]
    assert fates(edgelift.Transformer(REAL), event, found[0])["Ok"] == [0]
    first, *batches = lines(tmp_path / "log")
    assert first == {
        "event": "edgelift.runtime",
        "path": "dict",
        "reason": "the function's handler is 'wrapper.handler', not 'edgelift.runtime.handler'",
    }
    assert [line["path"] for line in batches] == ["dict", "dict"]


# What a client of tomorrow could have changed, and what the handler says of it.
CHANGES = {
    "no marshaller": (
        """
del client.BaseLambdaRuntimeClient.marshaller
client.LambdaRuntimeClient.marshaller = LambdaMarshaller()
""",
        (
            " is not as expected: AttributeError: type object 'BaseLambdaRuntimeClient' has no attribute "
            "'marshaller'"
        ),
    ),
    "a marshaller with other arguments": (
        """
class Other(LambdaMarshaller):
    def unmarshal_request(self, request, content_type, options=None):
        if content_type == 'application/json' and request == b'{"a":[]}':
            raise TypeError('no options')
        return super().unmarshal_request(request)
client.BaseLambdaRuntimeClient.marshaller = Other()
""",
        " is not as expected: TypeError: no options",
    ),
    "a marshaller with other results": (
        """
class Other(LambdaMarshaller):
    def marshal_response(self, response):
        results = super().marshal_response(response)
        return (*results, None) if response == {'a': []} else results
client.BaseLambdaRuntimeClient.marshaller = Other()
""",
        "'s marshaller is not as expected: it gave ({'a': []}, ('{\"a\": []}', 'application/json', None))",
    ),
    "a class that refuses": (
        """
class Settled(type(client.BaseLambdaRuntimeClient)):
    def __setattr__(cls, name, value):
        raise AttributeError(f"{name} is settled")
class Base(client.BaseLambdaRuntimeClient, metaclass=Settled):
    pass
client.BaseLambdaRuntimeClient = Base
""",
        " is not as expected: AttributeError: marshaller is settled",
    ),
    "a marshaller of a subclass": (
        "client.LambdaRuntimeClient.marshaller = LambdaMarshaller()",
        " is not as expected: a class of it has a marshaller of its own",
    ),
}
IMPORTS = """
import awslambdaric.lambda_runtime_client as client
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller
"""


@pytest.mark.parametrize(("change", "reason"), CHANGES.values(), ids=CHANGES.keys())
def test_a_client_that_is_not_as_expected_runs_the_dict_handler(
    change: str, reason: str, tmp_path: Path
) -> None:
    # Python imports a module of this name at its start.
    (tmp_path / "sitecustomize.py").write_text(IMPORTS + change, "utf-8")
    event = event_of([ROW_45, b"bad"])
    with configured(RAW, path=tmp_path).running(tmp_path / "log") as function:
        found = [response_of(function.invoke(compact(event))) for _ in range(2)]
    assert found[0] == found[1]
    assert fates(edgelift.Transformer(REAL), event, found[0])["Ok"] == [0]
    first, *batches = lines(tmp_path / "log")
    assert first == {"event": "edgelift.runtime", "path": "dict", "reason": f"the runtime client{reason}"}
    assert [line["path"] for line in batches] == ["dict", "dict"]
