"""Bulk bodies: where a part of one ends."""

import itertools

import pytest

from edgelift.reprocess.sinks.opensearch import bulk_body

PAIRS = [b'{"create":{}}\n{"a":%d}\n' % number for number in (1, 22, 333)]
BODY = b"".join(PAIRS)
FIRST, SECOND, THIRD = (len(pair) for pair in PAIRS)


@pytest.mark.parametrize(
    ("start", "most", "end"),
    [
        (0, len(BODY) + 1, len(BODY)),
        (0, len(BODY), len(BODY)),
        (0, len(BODY) - 1, FIRST + SECOND),
        (0, FIRST + SECOND + 1, FIRST + SECOND),
        (0, FIRST + SECOND, FIRST + SECOND),
        (0, FIRST + SECOND - 1, FIRST),
        (0, FIRST, FIRST),
        # One document at least, however large it is.
        (0, FIRST - 1, FIRST),
        (0, 1, FIRST),
        (FIRST, SECOND + THIRD, len(BODY)),
        (FIRST, SECOND + THIRD - 1, FIRST + SECOND),
        (FIRST, SECOND, FIRST + SECOND),
        (FIRST, SECOND - 1, FIRST + SECOND),
    ],
)
def test_parts_hold_whole_documents_up_to_the_limit(start: int, most: int, end: int) -> None:
    assert bulk_body.end_of_part(BODY, start, most) == end


@pytest.mark.parametrize("most", range(1, len(BODY) + 2))
def test_parts_are_the_body_and_as_few_as_the_limit_allows(most: int) -> None:
    parts, start = [], 0
    while start < len(BODY):
        end = bulk_body.end_of_part(BODY, start, most)
        parts.append(BODY[start:end])
        start = end
    assert b"".join(parts) == BODY
    for part in parts:
        assert part.count(b"\n") % 2 == 0
        assert len(part) <= most or part in PAIRS
    for part, following in itertools.pairwise(parts):
        first = next(pair for pair in PAIRS if following.startswith(pair))
        assert len(part) + len(first) > most
