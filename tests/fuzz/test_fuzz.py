"""A short run of the fuzz, with the same cases each time; ``make fuzz`` has the long ones."""

import edgelift

from .cases import Case
from .minimize import minimized
from .run import Fuzz

FIRST_SEED, CASES = 20_261_128, 800


def test_all_ways_in_agree() -> None:
    print(f"seeds from {FIRST_SEED}")  # noqa: T201
    fuzz = Fuzz()
    findings = [str(finding) for case in range(CASES) for finding in fuzz.run(FIRST_SEED + case)]
    assert not findings, "\n".join(findings)
    # Refused configurations would hide everything.
    assert fuzz.refused < CASES / 2
    assert fuzz.records > 2 * CASES


def test_a_failing_case_is_made_small() -> None:
    config = {"layouts": [{"fields": ["c-ip", "asn"]}, {"fields": ["asn"]}], "output": {"names": "snake"}}
    case = Case(config, [b"1\n", b"::1\tbad value\n", b"2\n"], [1, 2])

    def fails(smaller: Case) -> bool:
        transformer = edgelift.Transformer(smaller.config) if smaller.config.get("layouts") else None
        text = b"".join(smaller.lines)
        return transformer is not None and "bad_value" in transformer.transform_lines(text).counts.by_reason

    small = minimized(case, fails)
    assert (small.config, small.lines, len(small.sizes)) == (
        {"layouts": [{"fields": ["c-ip", "asn"]}], "output": {}},
        [b"\tb"],
        1,
    )
