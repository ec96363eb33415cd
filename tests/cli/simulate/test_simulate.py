"""``edgelift simulate``: the account on screen, the first failures explained, and the exit codes."""

from __future__ import annotations

import contextlib
import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edgelift.cli.summary import format_shape_mismatches
from edgelift.simulate.faults import KINDS
from tests.cli.simulate.conftest import FIELDS, rows
from tests.cli.test_terminal import ESCAPE, Terminal, run_at
from tests.reprocess.conftest import aws, opensearch, s3_url, server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.cli.conftest import Run

__all__ = ["aws", "opensearch", "s3_url", "server"]


def test_account_adds_up_and_the_first_failed_record_is_explained(run: Run, file: Path) -> None:
    done = run("simulate", file, "--fields", FIELDS)
    assert done.code == 0, done.err
    first, by_code, *others = done.out.decode().splitlines()
    assert first == "302 source records = 300 indexed + 0 dropped + 2 in backup"
    assert by_code == "2 in backup by Lambda.ProcessingFailedStatus"
    assert re.search(r"(?m)^index +1 bulk request; cdn-logs-2024-01-01 300$", "\n".join(others))
    assert re.search(r"(?m)^function +1 invocation, [0-9.]+ ms on average", "\n".join(others))
    messages = done.err.splitlines()
    way = "Kinesis → Firehose (1 MiB, 60 s) → edgelift.runtime.handler → the embedded engine"
    assert messages[0] == f"edgelift: {file} → {way}"
    assert messages[1] == "edgelift: 2 records in backup by Lambda.ProcessingFailedStatus; the first one:"
    assert messages[2] == '  bad_value: column 3 (sc-status): "2x0" is not a status of three digits'
    assert messages[6].split() == ["3", "sc-status", "2x0", *messages[6].split()[3:]]
    assert "the record fails" in messages[6]
    assert messages[-1] == "edgelift: --backup DIR keeps failed records, for edgelift reprocess"


def test_blank_lines_are_failed_records_with_their_reason(run: Run) -> None:
    done = run("simulate", "--fields", FIELDS, stdin=b"\n" + rows(2))
    assert done.code == 0, done.err
    assert done.out.startswith(b"3 source records = 2 indexed + 0 dropped + 1 in backup\n")
    assert "the first one:\n  empty_record: the record is empty\n" in done.err


def test_fields_that_do_not_fit_the_rows_are_explained(run: Run, file: Path) -> None:
    done = run("simulate", file, "--fields", f"{FIELDS},c-country")
    assert done.code == 0, done.err
    assert done.out.startswith(b"302 source records = 0 indexed + 0 dropped + 302 in backup\n")
    assert "  column_count: the record has 4 columns, but the layout has 5" in done.err
    assert "edgelift: no record became a document: --fields or --config must name all fields" in done.err


@pytest.mark.parametrize("handler", ["raw", "dict", "pure"])
def test_each_handler_gives_the_same_account(run: Run, file: Path, handler: str, tmp_path: Path) -> None:
    (tmp_path / "a=b").mkdir()
    config = tmp_path / "a=b" / "edgelift.toml"
    config.write_text(f"[[layouts]]\nfields = {json.dumps(FIELDS.split(','))}\n")
    done = run("simulate", file, "--config", config, "--handler", handler, "--json", "--memory", "128")
    assert done.code == 0, done.err
    account = json.loads(done.out)
    assert (account["source"], account["indexed"], account["in_backup"]) == (302, 300, 2)
    assert account["indices"] == {"cdn-logs-2024-01-01": 300}
    assert account["balanced"] is True


def test_standard_input_and_several_files_are_read_in_order(run: Run, file: Path) -> None:
    done = run("simulate", "--fields", FIELDS, stdin=rows(3).removesuffix(b"\n"))
    assert done.out.startswith(b"3 source records = 3 indexed"), done.err
    done = run("simulate", file, "-", "--fields", FIELDS, stdin=rows(3))
    assert done.out.startswith(b"305 source records = 303 indexed"), done.err
    assert done.err.startswith("edgelift: 2 files → ")


def test_embedded_engine_takes_so_many_records_and_says_so(run: Run) -> None:
    done = run("simulate", "--fields", FIELDS, stdin=rows(5_001))
    assert done.out.startswith(b"5,000 source records = 5,000 indexed")
    assert "edgelift: the embedded engine takes 5,000 records, and there are more" in done.err
    assert "there are more" not in run("simulate", "--fields", FIELDS, stdin=rows(5_000)).err


def test_cluster_takes_all_and_its_template_only_if_wanted(run: Run, opensearch: str) -> None:
    def templates() -> Any:  # noqa: ANN401 - of JSON
        from urllib.request import urlopen

        with urlopen(f"{opensearch}/_index_template") as answer:  # noqa: S310 - loopback
            return [entry["name"] for entry in json.load(answer)["index_templates"]]

    words = ("simulate", "--fields", FIELDS, "--opensearch", opensearch)
    assert run(*words, stdin=rows(5_001)).out.startswith(b"5,001 source records = 5,001 indexed")
    assert templates() == []
    assert run(*words, "--apply-template", stdin=rows(1)).code == 0
    assert templates() == ["cdn-logs"]


def test_faults_of_every_kind_leave_an_account_that_adds_up(run: Run, tmp_path: Path) -> None:
    faults = [
        f"[[fault]]\nat = '{at}'\nkind = '{kind}'\nprobability = 0.03\n"
        for at, kinds in KINDS.items()
        for kind in kinds
    ]
    (tmp_path / "faults.toml").write_text("\n".join(faults))
    words = ("simulate", "--fields", FIELDS, "--faults", tmp_path / "faults.toml", "--rate", "10")
    more = ("--interval", "5", "--seed", "7", "--json")
    found = [run(*words, *more, stdin=rows(2_000, bad=3)) for _ in range(2)]
    first, second = (json.loads(done.out) for done in found)
    assert first["balanced"] is True, found[0].err
    assert first["source"] == first["indexed"] + first["dropped"] + first["in_backup"]
    assert len(first["faults"]) > 5
    # The same seed gives the same run, but for real time.
    for account in first, second:
        del account["function_seconds"]
    assert first == second


def test_rejected_document_is_shown_with_its_reason(run: Run, tmp_path: Path) -> None:
    (tmp_path / "faults.toml").write_text(
        "[[fault]]\nat='opensearch'\nkind='reject_item'\nbatches=[1]\nduration_s=900"
    )
    done = run("simulate", "--fields", FIELDS, "--faults", tmp_path / "faults.toml", stdin=rows(3))
    assert done.code == 0
    assert done.out.startswith(
        b"3 source records = 2 indexed + 0 dropped + 1 in backup\n1 in backup by 400\n"
    )
    assert "mapper_parsing_exception" in done.err
    assert '  {"timestamp":17000000' in done.err
    assert re.search(rb"(?m)^faults +opensearch reject_item \d+$", done.out)


def test_function_that_raises_says_with_what(run: Run, file: Path, tmp_path: Path) -> None:
    layer = tmp_path / "layer.zip"
    with zipfile.ZipFile(layer, "w") as archive:
        archive.writestr("python/edgelift/__init__.py", "raise RuntimeError('an old layer')")
    done = run("simulate", file, "--fields", FIELDS, "--layer", layer)
    assert done.code == 0
    assert done.out.startswith(b"302 source records = 0 indexed + 0 dropped + 302 in backup\n")
    assert "302 records in backup by Lambda.FunctionError; the first one:\n  RuntimeError: an old" in done.err


def test_events_above_the_limit_of_lambda_are_explained(run: Run) -> None:
    # 2.9 MB of rows are more than twice as much with base64 and the metadata of each record.
    row = b"1700000000.123\t" + b"x" * 560 + b"\n"
    words = ("simulate", "--fields", "timestamp,cs-user-agent", "--buffer-mb", "3", "--rate", "100000")
    done = run(*words, stdin=row * 5_000)
    assert done.out.startswith(b"5,000 source records = 0 indexed + 0 dropped + 5,000 in backup"), done.err
    assert (
        "  the event is larger than the 6 MB that Lambda takes: short rows need a smaller --buf" in done.err
    )
    assert run(*words, "--buffer-mb", "1", stdin=row * 5_000).out.startswith(
        b"5,000 source records = 5,000 i"
    )


def test_documents_that_are_sent_again_are_counted_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "faults.toml").write_text("[[fault]]\nat='opensearch'\nkind='reset'\nbatches=[1]\n")
    words = ("simulate", "--fields", FIELDS, "--faults", tmp_path / "faults.toml", "--json")
    account = json.loads(run(*words, stdin=rows(7)).out)
    assert (account["indexed"], account["bulk_requests"]) == (7, 2)
    assert account["indices"] == {"cdn-logs-2024-01-01": 7}


def test_bucket_that_is_not_there_stops_with_its_code(
    run: Run, file: Path, s3_url: str, aws: Mapping[str, str]
) -> None:
    words = ("simulate", file, "--fields", FIELDS, "--backup", "s3://none/failed", "--endpoint-url", s3_url)
    done = run(*words, env=dict(aws))
    assert (done.code, done.out) == (3, b"")
    assert re.match(r"edgelift: cannot use s3://none/failed/ for the backup: .+NoSuchBucket", done.err)


def test_backup_that_takes_nothing_stops_with_the_account(run: Run, file: Path, tmp_path: Path) -> None:
    # The folder can be made, but the names of its objects are longer than a path may be.
    folder = Path(*["x" * 250] * 16)
    with contextlib.chdir(tmp_path):
        done = run("simulate", file, "--fields", FIELDS, "--backup", folder)
    assert done.code == 3, done.err
    assert done.out.startswith("302 source records ≠ 300 indexed + 0 dropped + 0 in backup\n".encode())
    assert re.search(r"(?m)^edgelift: cannot write x+/.+: File name too long$", done.err)


def test_backup_is_what_reprocess_reads(run: Run, file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    assert run("simulate", file, "--fields", FIELDS, "--backup", backup, "--backup-mode", "all").code == 0
    (failed,) = (path for path in (backup / "processing-failed").rglob("*") if path.is_file())
    assert len(failed.read_bytes().splitlines()) == 2
    sources = [path for path in backup.rglob("*") if path.is_file() and path != failed]
    assert b"".join(path.read_bytes() for path in sources) == file.read_bytes()
    done = run("transform", failed, "--fields", "timestamp,c-ip,cs-method,cs-uri-stem")
    assert (done.code, len(done.out.splitlines())) == (0, 2)


def test_empty_input_simulates_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for words in (("simulate", tmp_path / "empty"), ("simulate", "-")):
        done = run(*words, "--fields", FIELDS, "--backup", tmp_path / "backup")
        assert (done.code, done.out) == (0, b"")
        assert done.err == "edgelift: there are no lines: nothing was simulated\n"
    assert not (tmp_path / "backup").exists()


def test_documents_of_an_earlier_run_are_not_replaced_unnoticed(run: Run, opensearch: str) -> None:
    words = ("simulate", "--fields", FIELDS, "--opensearch", opensearch)
    assert "earlier run" not in run(*words, stdin=rows(3)).err
    done = run(*words, stdin=rows(2))
    assert (
        b"\n2 in the place of documents that had the same ids, such as those of an earlier run\n" in done.out
    )
    assert "another --seed makes other ids" in done.err
    assert b"earlier run" not in run(*words, "--seed", "1", stdin=rows(2)).out


@pytest.mark.parametrize("handler", ["raw", "dict", "pure"])
def test_values_without_the_shape_of_their_field_are_reported(run: Run, tmp_path: Path, handler: str) -> None:
    # The first answer is lost, and its records come again.
    (tmp_path / "faults.toml").write_text("[[fault]]\nat='function'\nkind='oversize'\nbatches=[1]\n")
    words = ("--fields", "timestamp,c-ip,ssl-protocol", "--faults", tmp_path / "faults.toml")
    lines = b"1700000000.123\t192.0.2.1\tHit\n" * 20 + b"1700000000.123\t192.0.2.1\tTLSv1.3\n"
    done = run("simulate", *words, "--handler", handler, "--json", stdin=lines)
    account = json.loads(done.out)
    assert (done.code, account["indexed"], account["failed_invocations"]) == (0, 21, 1)
    assert f"edgelift: {format_shape_mismatches(20, 'ssl-protocol')}" in done.err.splitlines()
    assert (account["shape_mismatches"], account["shape_field"]) == (20, "ssl-protocol")


def test_usual_shapes_are_not_mentioned(run: Run) -> None:
    done = run("simulate", "--fields", FIELDS, "--json", stdin=rows(2))
    account = json.loads(done.out)
    assert (account["shape_mismatches"], account["shape_field"]) == (0, None)
    assert "shape" not in done.err


def test_faults_that_struck_nothing_are_named(run: Run, tmp_path: Path) -> None:
    late = "[[fault]]\nat='opensearch'\nkind='down'\nbatches=[9]\n"
    late += "[[fault]]\nat='function'\nkind='kill'\nbatches=[9]\n"
    faults = tmp_path / "faults.toml"
    faults.write_text(late)
    words = ("simulate", "--fields", FIELDS, "--faults", faults)
    done = run(*words, stdin=rows(2))
    assert re.search(rb"(?m)^faults +none struck \(1 bulk request, 1 invocation\)$", done.out)
    account = json.loads(run(*words, "--json", stdin=rows(2)).out)
    assert account["faults"] == {"function kill": 0, "opensearch down": 0}
    faults.write_text(late + "[[fault]]\nat='source'\nkind='duplicate'\nbatches=[1]\n")
    shown = (
        rb"source duplicate 1; not struck: function kill, opensearch down \(1 bulk request, 1 invocation\)"
    )
    assert re.search(rb"(?m)^faults +" + shown + b"$", run(*words, stdin=rows(2)).out)


def test_fields_are_not_blamed_for_what_others_did(run: Run, tmp_path: Path) -> None:
    (tmp_path / "faults.toml").write_text("[[fault]]\nat='opensearch'\nkind='down'\nprobability=1\n")
    done = run("simulate", "--fields", FIELDS, "--faults", tmp_path / "faults.toml", stdin=rows(1, bad=1))
    assert "bad_value" in done.err
    assert "no record became a document" not in done.err


def test_full_disk_leaves_no_half_file(
    run: Run, file: Path, tmp_path: Path, inject: Callable[[str], dict[str, str]]
) -> None:
    full = inject(
        """
        import errno, os

        def fsync(descriptor):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        os.fsync = fsync
        """
    )
    backup = tmp_path / "backup"
    done = run("simulate", file, "--fields", FIELDS, "--backup", backup, env=full)
    assert done.code == 3
    assert done.out.startswith("302 source records ≠ 300 indexed + 0 dropped + 0 in backup\n".encode())
    assert re.search(r"(?m)^edgelift: cannot write .+: No space left on device$", done.err)
    assert [path for path in backup.rglob("*") if path.is_file()] == []


def test_full_output_stops_with_its_code(run: Run, file: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        assert run("simulate", file, "--fields", FIELDS, stdout=full.fileno()).code == 3


def test_speed_lets_real_time_pass(run: Run) -> None:
    # Buffers of 60 s, and 300 s of the backup: at most 2 minutes for whatever is indexed.
    done = run("simulate", "--fields", FIELDS, "--speed", "120", "--json", stdin=rows(10))
    assert json.loads(done.out)["seconds"] >= 60


def test_terminal_shows_a_live_view_that_goes_away(
    command: tuple[str, ...], file: Path, environment: dict[str, str]
) -> None:
    with Terminal() as shown:
        words = [*command, "simulate", str(file), "--fields", FIELDS, "--speed", "600"]
        done = run_at(words, environment, stderr=shown.theirs)
    assert done.returncode == 0
    assert ESCAPE in shown.text
    assert "2024-01-01 00:0" in shown.text
    assert " on their way" in shown.text
    assert ESCAPE.encode() not in done.stdout
