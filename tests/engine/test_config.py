"""Wrong configurations: each says what is wrong, where, and what to do about it."""

import enum
import json
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

import edgelift

LAYOUT = '[[layouts]]\nfields = ["timestamp", "c-ip"]\n'
CUSTOM = '[[custom_fields]]\nname = "x-new"\nkind = "text"\nafter = "asn"\n'


class Wrong(NamedTuple):
    """A configuration and all that its error says."""

    name: str
    text: str
    message: str
    line: int | None
    key: str | None
    suggestion: str | None


FIXTURES = Path(__file__).parents[1] / "fixtures"
CASES = json.loads((FIXTURES / "wrong-configs.json").read_text("utf-8"))["cases"]
WRONG = [Wrong(**case) for case in CASES]
wrong_configs = pytest.mark.parametrize("wrong", WRONG, ids=[wrong.name for wrong in WRONG])


def output(line: str) -> str:
    return f"{LAYOUT}[output]\n{line}\n"


def input_(line: str) -> str:
    return f"{LAYOUT}[input]\n{line}\n"


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    # Some wrong lists are out of order too; test_config_use.py is about warnings.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def config_error(config: str | dict[str, Any]) -> edgelift.ConfigError:
    with pytest.raises(edgelift.ConfigError) as caught:
        edgelift.Transformer(config)
    return caught.value


@wrong_configs
def test_messages_about_text_have_line_key_and_suggestion(wrong: Wrong) -> None:
    error = config_error(wrong.text)
    assert str(error) == wrong.message
    assert (error.line, error.key, error.suggestion) == (wrong.line, wrong.key, wrong.suggestion)


@wrong_configs
def test_messages_about_mappings_have_key_and_suggestion(wrong: Wrong) -> None:
    # The same without a line: there is none in a mapping.
    error = config_error(tomllib.loads(wrong.text))
    assert str(error) == wrong.message.removeprefix(f"line {wrong.line}: ")
    assert (error.line, error.key, error.suggestion) == (None, wrong.key, wrong.suggestion)


@wrong_configs
def test_messages_about_files_have_line_and_key(wrong: Wrong, tmp_path: Path) -> None:
    path = tmp_path / "edgelift.toml"
    path.write_text(wrong.text, encoding="utf-8")
    with pytest.raises(edgelift.ConfigError) as caught:
        edgelift.Transformer.from_file(path)
    assert wrong.message in str(caught.value)
    assert (caught.value.line, caught.value.key) == (wrong.line, wrong.key)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('[[layouts]\nfields = ["c-ip"]\n', 1, 11),
        (output("names = ecs"), 4, 9),
        (output('names = "ecs'), 4, 13),
        (output('names = "ecs"\nnames = "otel"'), 5, 1),
        (f"{LAYOUT}[output]\n[output]\n", 4, 2),
        ('"edgelift.toml\n', 1, 15),
        # The parser expects letters, numbers, `-`, `_`: characters, not names that somebody may have meant.
        ("-_é = 1\n", 1, 3),
        ("\n\x01_ = 1\n", 2, 1),
        ('"ä" = "ö" _ = 1', 1, 11),
    ],
    ids=[
        "bracket",
        "no quotes",
        "open quotes",
        "key twice",
        "section twice",
        "no assignment",
        "letter",
        "control",
        "rest",
    ],
)
def test_toml_errors_have_line_and_column(text: str, line: int, column: int) -> None:
    error = config_error(text)
    assert str(error).startswith(f"line {line}: column {column}: ")
    assert "did you mean" not in str(error)
    assert (error.line, error.key, error.suggestion) == (line, None, None)


@pytest.mark.parametrize("wrong", ["names`, expected `name", "a`names`b", "`", "unknown field `names`"])
def test_backquotes_in_values_stay_in_the_message(wrong: str) -> None:
    known = ["names", "values", "missing", "decode", "raw", "columns", "timestamp", "newline"]
    error = config_error(output(f'"{wrong}" = 1'))
    assert f"unknown key, known are {', '.join(known)}" in str(error)
    assert error.suggestion in {None, *known}
    error = config_error(output(f'names = "{wrong}"'))
    assert f'"{wrong}" is not one of cloudfront, snake, ecs, otel' in str(error)
    assert error.suggestion is None


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('[layouts]\nfields = ["c-ip"]\n', 1, "layouts"),
        ('layouts = "all"\n', 1, "layouts"),
        ("[[layouts]]\n", 1, "layouts[0]"),
        (output("names = 1"), 4, "output.names"),
        (input_("max_record_bytes = -1"), 4, "input.max_record_bytes"),
        (input_('max_record_bytes = "1 MB"'), 4, "input.max_record_bytes"),
        (LAYOUT + CUSTOM.replace('kind = "text"\n', ""), 3, "custom_fields[0]"),
        (LAYOUT + CUSTOM.replace('name = "x-new"\n', ""), 3, "custom_fields[0]"),
        (LAYOUT + CUSTOM.replace('after = "asn"\n', ""), 3, "custom_fields[0]"),
        (LAYOUT + "[[layout]]\n", 3, "layout"),
        (LAYOUT + "[firehos.partition_keys]\n", 3, "firehos"),
        ("output.names = 1\n" + LAYOUT, 1, "output.names"),
        ('layouts = [\n{fields = ["c-ip"]},\n{field = ["c-ip"]}]\n', 3, "layouts[1].field"),
        (LAYOUT + '[firehose.partition_keys]\n"a.b" = 1\n', 4, "firehose.partition_keys.a.b"),
    ],
    ids=[
        *("one bracket", "text", "no fields", "number", "negative", "unit", "no kind", "no name", "no after"),
        *("unknown list", "unknown table of a table", "dotted key", "inline table", "quoted key"),
    ],
)
def test_type_errors_name_the_key(text: str, line: int, key: str) -> None:
    error = config_error(text)
    assert str(error).startswith(f"line {line}: {key}: ")
    assert (error.line, error.key) == (line, key)


@pytest.mark.parametrize("text", ["edgelift.toml", "/etc/edgelift", "c-ip"])
def test_a_path_as_text_gets_a_hint(text: str) -> None:
    error = config_error(text)
    assert str(error) == f'"{text}" is not TOML; for a file, use Transformer.from_file'
    assert (error.line, error.key, error.suggestion) == (None, None, None)


@pytest.mark.parametrize("config", [5, None, b"x = 1", [], Path("edgelift.toml")], ids=repr)
def test_other_types_than_text_and_mapping_raise_type_error(config: object) -> None:
    name = type(config).__name__
    with pytest.raises(TypeError, match=f"^a configuration is TOML text or a mapping, not '{name}'$"):
        edgelift.Transformer(cast("Any", config))


@pytest.mark.parametrize("value", [None, object(), {5: 1}], ids=["None", "object", "number as key"])
def test_values_that_toml_cannot_express_raise_type_error(value: object) -> None:
    with pytest.raises(TypeError, match="of a configuration cannot be of type"):
        edgelift.Transformer({"layouts": [{"fields": ["c-ip"]}], "output": value})


def test_numbers_beyond_64_bits_are_refused() -> None:
    with pytest.raises((edgelift.ConfigError, OverflowError)):
        edgelift.Transformer({"layouts": [{"fields": ["c-ip"]}], "input": {"max_record_bytes": 2**70}})


def test_a_mapping_within_itself_does_not_end_the_process() -> None:
    code = """
import edgelift
config = {}
config["output"] = config
try:
    edgelift.Transformer(config)
except (ValueError, TypeError, RecursionError):
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr


def test_missing_file_raises_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "edgelift.toml"
    with pytest.raises(FileNotFoundError) as caught:
        edgelift.Transformer.from_file(path)
    assert str(path) in str(caught.value)


def test_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "edgelift.toml"
    path.write_bytes(b'x = "\xff"\n')
    with pytest.raises(edgelift.ConfigError, match=r"^the file is not UTF-8: "):
        edgelift.Transformer.from_file(path)


def test_real_time_rows_need_a_layout() -> None:
    error = config_error('[input]\nformat = "realtime"')
    assert str(error).startswith("layouts: no layout: real-time records carry no header")


def test_an_empty_configuration_reads_standard_logs() -> None:
    transformer = edgelift.Transformer("")
    assert transformer.transform_lines(b"#Fields: asn\n7\n").output == b'{"asn":7}\n'


def test_lone_surrogates_are_refused() -> None:
    assert str(config_error("a = \ud800")) == "a string with a lone surrogate"


@pytest.mark.parametrize(
    ("standard", "realtime"),
    [("cs(Host)", "x-host-header"), ("cs(Referer)", "cs-referer"), ("timestamp(ms)", "timestamp")],
)
def test_a_name_of_standard_logs_suggests_the_same_value(standard: str, realtime: str) -> None:
    error = config_error({"layouts": [{"fields": [standard, "s-ip"]}]})
    assert str(error).startswith(f'layouts[0].fields[0]: "{standard}" is a field of standard logs')
    assert error.suggestion == realtime


def test_empty_field_names_are_refused() -> None:
    assert "an empty name" in str(config_error({"layouts": [{"fields": ["c-ip", ""]}]}))


def test_keys_of_a_mapping_may_be_text_of_any_class() -> None:
    class Section(enum.StrEnum):
        LAYOUTS = "layouts"

    assert edgelift.Transformer({Section.LAYOUTS: [{"fields": ["c-ip"]}]}).layouts[0][0].field == "c-ip"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('decode = "map sequence"', 'invalid type: string "map sequence", expected a boolean'),
        ("decode = []", "invalid type: array, expected a boolean"),
        ("decode = {}", "invalid type: table, expected a boolean"),
    ],
    ids=["text", "array", "table"],
)
def test_type_errors_use_the_words_of_toml(line: str, message: str) -> None:
    assert str(config_error(output(line))) == f"line 4: output.decode: {message}"
