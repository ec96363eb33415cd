"""The exceptions, and that nothing the core hands out can be changed."""

import copy
import pickle
from collections.abc import Callable
from typing import Any, cast

import pytest

import edgelift
import edgelift.errors

TRANSFORMER = edgelift.Transformer.from_fields(["timestamp", "c-ip"])


def record_error() -> edgelift.RecordError:
    with pytest.raises(edgelift.RecordError) as caught:
        TRANSFORMER.transform(b"1.5\tnobody")
    return caught.value


def config_error() -> edgelift.ConfigError:
    with pytest.raises(edgelift.ConfigError) as caught:
        edgelift.Transformer('[[layouts]]\nfields = ["timestam"]\n')
    return caught.value


def test_errors_derive_from_edgelift_error_and_value_error() -> None:
    assert issubclass(edgelift.EdgeliftError, ValueError)
    assert issubclass(edgelift.RecordError, edgelift.EdgeliftError)
    assert issubclass(edgelift.ConfigError, edgelift.EdgeliftError)
    assert not issubclass(edgelift.RecordError, edgelift.ConfigError)
    assert not issubclass(edgelift.ConfigError, edgelift.RecordError)


def test_the_core_raises_the_classes_of_the_package() -> None:
    assert type(record_error()) is edgelift.errors.RecordError is edgelift.RecordError
    assert type(config_error()) is edgelift.errors.ConfigError is edgelift.ConfigError


def test_record_error_has_reason_field_column_and_offset() -> None:
    error = record_error()
    assert str(error) == 'column 2 (c-ip): "nobody" is not an IPv4 or IPv6 address'
    assert (error.reason, error.field, error.column, error.offset) == ("bad_value", "c-ip", 2, 4)


def test_record_error_of_a_whole_record_has_no_field() -> None:
    with pytest.raises(edgelift.RecordError) as caught:
        TRANSFORMER.transform(b"1")
    error = caught.value
    assert (error.reason, error.field, error.column, error.offset) == ("column_count", None, None, 0)


def pickled_with(protocol: int) -> Callable[[Any], Any]:
    return lambda error: pickle.loads(pickle.dumps(error, protocol))  # noqa: S301 -- our own pickle


REMAKE: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{f"pickle {protocol}": pickled_with(protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)},
}


@pytest.mark.parametrize("remake", REMAKE.values(), ids=REMAKE.keys())
def test_errors_survive_copy_and_pickle(remake: Callable[[Any], Any]) -> None:
    # Process pools send them home pickled.
    error = record_error()
    again = remake(error)
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    config = config_error()
    again = remake(config)
    assert type(again) is type(config)
    assert str(again) == str(config)
    assert vars(again) == vars(config)


def test_errors_have_defaults_for_all_but_the_message() -> None:
    error = edgelift.RecordError("nothing there", "empty_record")
    assert (str(error), error.reason) == ("nothing there", "empty_record")
    assert (error.field, error.column, error.offset) == (None, None, 0)
    config = edgelift.ConfigError("no")
    assert (str(config), config.line, config.key, config.suggestion) == ("no", None, None, None)


LINES = TRANSFORMER.transform_lines(b"1.5\t::1\nbad\n")
FROZEN: dict[str, tuple[object, str]] = {
    "Transformer": (TRANSFORMER, "options"),
    "LayoutColumn": (TRANSFORMER.layouts[0][0], "key"),
    "TransformResult": (LINES, "output"),
    "Counts": (LINES.counts, "ok"),
    "Failure": (LINES.failures[0], "reason"),
    "ExplainedColumn": (TRANSFORMER.explain(b"1.5\t::1")[0], "value"),
    "Field": (edgelift.FIELDS["c-ip"], "kind"),
    "Batch": (TRANSFORMER.transform_records([]), "records"),
    "Report": (TRANSFORMER.transform_records([]).report, "bytes_in"),
    "EventAnswer": (TRANSFORMER.answer_event(b'{"records":[]}'), "response"),
    "Stream": (TRANSFORMER.stream(), "counts"),
}


@pytest.mark.parametrize(("thing", "attribute"), FROZEN.values(), ids=FROZEN.keys())
def test_attributes_cannot_be_set(thing: object, attribute: str) -> None:
    before = getattr(thing, attribute)
    with pytest.raises(AttributeError):
        setattr(thing, attribute, None)
    with pytest.raises(AttributeError):
        delattr(thing, attribute)
    with pytest.raises(AttributeError):
        cast("Any", thing).made_up = 1
    assert getattr(thing, attribute) == before


def test_containers_cannot_be_changed() -> None:
    assert isinstance(LINES.failures, tuple)
    assert isinstance(TRANSFORMER.layouts, tuple)
    assert isinstance(TRANSFORMER.layouts[0], tuple)
    with pytest.raises(TypeError):
        cast("Any", LINES.counts.by_reason)["bad_value"] = 5
    with pytest.raises(TypeError):
        cast("Any", TRANSFORMER.options)["output"] = {}
    with pytest.raises(TypeError):
        cast("Any", TRANSFORMER.options["output"])["names"] = "ecs"


def test_results_compare_by_value() -> None:
    assert TRANSFORMER.transform_lines(b"1.5\t::1\nbad\n") == LINES
    assert TRANSFORMER.transform_lines(b"1.5\t::2\nbad\n") != LINES
    assert edgelift.Counts(read=2, ok=1, failed=1, by_reason={"column_count": 1}) == LINES.counts
    assert edgelift.Counts(read=2, ok=1, failed=1, by_reason={"bad_value": 1}) != LINES.counts
    message = "the record has 1 column, but the layout has 2"
    failure = edgelift.Failure(2, 8, "column_count", None, None, message, b"bad")
    assert LINES.failures == (failure,)
    assert edgelift.Failure(2, 8, "column_count", None, None, message, b"good") not in LINES.failures
