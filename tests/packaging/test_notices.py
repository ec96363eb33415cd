"""THIRD-PARTY-NOTICES.txt: it names the crates that are linked, with their licenses."""

import re
from pathlib import Path

import pytest

from deploy import notices


def test_notices_file_equals_the_generated_one() -> None:
    crates = notices.linked(columns=False)
    assert {"blake2b_simd", "strsim", "winnow"} <= {crate.name for crate in crates}
    text = notices.notices(crates, with_standard_library=True)
    assert notices.FILE.read_text("utf-8") == text, "run: make notices"


def test_crates_of_wheels_only_have_their_own_file() -> None:
    crates = notices.columns_only()
    assert {"arrow-array", "chrono", "half"} <= {crate.name for crate in crates}
    assert not {crate.name for crate in crates} & {crate.name for crate in notices.linked(columns=False)}
    text = notices.notices(crates, with_standard_library=False)
    assert notices.COLUMNS_FILE.read_text("utf-8") == text, "run: make notices"


def test_each_license_has_its_text() -> None:
    _, *parts = re.split(rf"^{notices.RULE}$", notices.FILE.read_text("utf-8"), flags=re.MULTILINE)
    assert len(parts) > 20
    for part in parts:
        assert re.search("Permission is hereby granted|Permission to use, copy", part), part[:80]


def test_a_crate_under_another_license_is_refused(tmp_path: Path) -> None:
    crate = notices.Crate("x", "1.0.0", "GPL-3.0-only", (), tmp_path)
    with pytest.raises(notices.NoticeError, match=r"^x 1\.0\.0: GPL-3\.0-only is not among MIT, "):
        crate.chosen()


def test_a_crate_without_license_or_authors_is_refused(tmp_path: Path) -> None:
    crate = notices.Crate("x", "1.0.0", "MIT", (), tmp_path)
    with pytest.raises(notices.NoticeError, match="no file with its license"):
        crate.text()
