"""How the command line is read: arguments and options in any order, and what is said of wrong ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from edgelift.cli.arguments import Argument, parameters, parse
from edgelift.cli.console import CliExit, ExitCode
from edgelift.cli.verbs import VERBS, find_verb

if TYPE_CHECKING:
    from edgelift.cli.arguments import Verb
    from tests.cli.conftest import Run

TRANSFORM = find_verb("transform")
REPROCESS = find_verb("reprocess")
SIZE = find_verb("size")


@pytest.mark.parametrize(
    "words",
    [
        ["a", "b", "--fields", "sc-status", "-o", "out"],
        ["--fields", "sc-status", "-o", "out", "a", "b"],
        ["a", "--fields=sc-status", "b", "-oout"],
        ["--fields", "asn", "a", "--fields", "sc-status", "--output", "out", "--", "b"],
    ],
)
def test_arguments_and_options_may_alternate(words: list[str]) -> None:
    options = parse(TRANSFORM, words)
    assert (options.files, options.fields, options.output) == (["a", "b"], "sc-status", "out")


def test_words_after_two_hyphens_are_arguments() -> None:
    assert parse(TRANSFORM, ["--", "--fields", "-x", "--"]).files == ["--fields", "-x", "--"]


def test_one_hyphen_is_an_argument_and_a_value() -> None:
    options = parse(TRANSFORM, ["-", "-o", "-"])
    assert (options.files, options.output) == (["-"], "-")


def test_left_out_options_have_their_defaults() -> None:
    options = parse(REPROCESS, ["a"])
    assert (options.source, options.dest, options.resume, options.suffix) == ("a", None, False, "")
    assert parse(TRANSFORM, []).files is None


def test_values_have_the_types_of_their_options() -> None:
    options = parse(SIZE, ["f", "--records", "7", "--price-requests", "0.5", "--format", "json"])
    assert (options.records, options.price_requests, options.form) == (7, 0.5, "json")


@pytest.mark.parametrize(
    ("verb", "words", "message"),
    [
        (TRANSFORM, ["--feilds", "asn"], "no such option: --feilds; did you mean --fields?"),
        (TRANSFORM, ["--field", "asn"], "no such option: --field; did you mean --fields?"),
        (TRANSFORM, ["--zzzz=1"], "no such option: --zzzz"),
        (TRANSFORM, ["-x"], "no such option: -x"),
        (TRANSFORM, ["-5"], "no such option: -5"),
        (TRANSFORM, ["a", "--fields"], "--fields: expected one argument"),
        (TRANSFORM, ["--format", "xml"], '--format: "xml" is not one of ndjson, bulk, parquet, arrow'),
        (TRANSFORM, ["--max-expansion", "-1"], "--max-expansion: -1 is less than 0"),
        (SIZE, ["--records", "x"], '--records: "x" is not a whole number'),
        (SIZE, ["--records", "1.5"], '--records: "1.5" is not a whole number'),
        (SIZE, ["--memory", "64"], "--memory: 64 is less than 128"),
        (SIZE, ["--memory", "20000"], "--memory: 20000 is more than 10240"),
        (SIZE, ["--price-requests", "nan"], '--price-requests: "nan" is not a finite number'),
        (SIZE, ["--price-requests", "x"], '--price-requests: "x" is not a number'),
        (SIZE, ["a", "b"], "one argument too many: b"),
        (REPROCESS, [], "SOURCE is missing"),
        (REPROCESS, ["--resume=yes", "a"], "--resume: ignored explicit argument 'yes'"),
    ],
)
def test_wrong_arguments_are_named_with_the_help(verb: Verb, words: list[str], message: str) -> None:
    with pytest.raises(CliExit) as caught:
        parse(verb, words)
    assert caught.value.code is ExitCode.USAGE
    hint = r" \(edgelift [a-z]+ --help shows all options\)"
    assert re.fullmatch(re.escape(message) + hint, str(caught.value.message))


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("transfrom", "no such command: transfrom; did you mean transform?"),
        ("access.log", "no such command: access.log"),
        ("--verison", "no such option: --verison; did you mean --version?"),
    ],
)
def test_unknown_commands_are_refused_with_the_nearest_one(run: Run, word: str, message: str) -> None:
    done = run(word, "x")
    assert (done.code, done.out) == (2, b"")
    assert done.err == f"edgelift: {message} (edgelift --help lists the commands)\n"


@pytest.mark.parametrize("verb", VERBS)
def test_values_are_not_empty(verb: str) -> None:
    known = find_verb(verb)
    for parameter in parameters(known.options):
        declared = parameter.declared
        may_be_empty = parameter.default == "" or (isinstance(declared, Argument) and declared.may_be_empty)
        if parameter.kind is bool or may_be_empty:
            continue
        words = [""] if isinstance(declared, Argument) else [f"{declared.name}="]
        with pytest.raises(CliExit) as caught:
            parse(known, words)
        assert caught.value.code is ExitCode.USAGE
        assert caught.value.message is not None
        assert "empty" in caught.value.message or '""' in caught.value.message
