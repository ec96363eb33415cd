"""With every option turned off, edgelift is `dict(zip(fields, line.split("\\t")))`, only faster."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

import edgelift

PLAIN = {"values": "text", "missing": "keep", "decode": False, "timestamp": "verbatim"}

columns = st.one_of(
    st.sampled_from([b"-", b"", b"200", b"1700000000.123", b"%20", b"a%zz", b"\xff", b'"\\/', b"\x00\x7f"]),
    st.binary(max_size=20).map(lambda raw: raw.replace(b"\t", b"").replace(b"\n", b"")),
)


@st.composite
def rows(draw: st.DrawFn) -> tuple[list[str], bytes]:
    fields = draw(st.lists(st.sampled_from(list(edgelift.FIELDS)), min_size=2, max_size=71, unique=True))
    cells = draw(st.lists(columns, min_size=len(fields), max_size=len(fields)))
    # `rstrip` takes any number of line ends, edgelift exactly one: they agree where the last value has none.
    cells[-1] = cells[-1].rstrip(b"\r")
    return fields, b"\t".join(cells) + draw(st.sampled_from([b"", b"\n", b"\r\n"]))


@given(rows())
@example((["c-ip", "sr-reason"], b"-\t\n"))
@example((list(edgelift.FIELDS), b"\t".join([b"%2D"] * 71)))
def test_plain_options_give_what_split_and_zip_give(row: tuple[list[str], bytes]) -> None:
    fields, record = row
    transformer = edgelift.Transformer(
        {
            "input": {"format": "realtime", "order": "as_written"},
            "layouts": [{"fields": fields}],
            "output": PLAIN,
        }
    )
    line = record.decode("utf-8", errors="replace")
    expected = dict(zip(fields, line.rstrip("\r\n").split("\t"), strict=True))
    assert json.loads(transformer.transform(record)) == expected
    assert list(json.loads(transformer.transform(record))) == fields
