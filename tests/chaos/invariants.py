"""Checks what must hold after the stream, and after its backup was reprocessed."""

from __future__ import annotations

import base64
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from .evidence import Backup, Truth, check, check_equal
from .rows import MOST_BYTES, id_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edgelift.simulate import Account

    from .case import Case
    from .places import Document
    from .watched import Watched


def check_stream(
    case: Case,
    account: Account,
    watched: Watched,
    objects: Mapping[str, bytes],
    documents: Sequence[Document],
) -> None:
    """Check the account of a stream against its source, its index and its backup."""
    truth, backup = Truth(case, watched), Backup.of(objects)
    check_equal(account.pending, 0, "records on their way")
    if case.retains:
        check_equal(account.lost + account.source_backup_lost, 0, "lost records")
    check_equal(account.is_balanced, not account.lost + account.source_backup_lost, "the account adds up")
    check_equal(account.source, len(truth.sent), "records in the account")
    copies = sum(record.copy_of is not None for record in watched.records)
    check_equal(account.copies, copies, "copies in the account")
    put = len(case.rows) + len(watched.reingested.taken)
    check_equal(put + copies, len(truth.sent), "records that the source sent")
    check_equal(account.indexed, watched.confirmed.total(), "indexed documents in the account")
    check_equal(account.dropped, watched.dropped.total(), "dropped records in the account")
    again = watched.dropped - Counter(watched.reingested.taken)
    dropped = [data for data in again if not truth.by_data[data].is_dropped]
    check(not dropped, f"records were dropped: {dropped[:5]}")
    codes = Counter(line.content["errorCode"] for line in [*backup.unprocessed, *backup.unindexed])
    check_equal(codes, Counter(account.failed), "error objects by code")
    known = {code: times for code, times in codes.items() if code.startswith("Lambda.")}
    known.pop("Lambda.FunctionError", None)
    answered = +watched.codes
    for result in "Ok", "Dropped":
        answered.pop(result, None)
    if account.lost:
        check(Counter(known) <= answered, f"error codes {known}, of {answered} that follow from the answers")
    else:
        check_equal(Counter(known), answered, "error codes that follow from the answers")

    # Each record is in one place.
    unindexed = _unindexed_ids(case, backup)
    lost, surplus = _lost_and_surplus(case, watched, truth, backup)
    check_equal(lost.total(), account.lost, "lost records in the account")
    check_equal(
        surplus, Counter(), "records that were indexed, dropped or put into the backup once too often"
    )
    delivered = {*watched.confirmed, *watched.lost, *unindexed}
    wrong = sorted(delivered - truth.first)
    check(not wrong, f"records that cannot be transformed were delivered: {wrong[:5]}")
    _check_documents(case, account, watched, truth, documents)
    _check_attempts(case, backup)
    _check_source_backup(case, account, watched, backup.source)


def _check_source_backup(case: Case, account: Account, watched: Watched, stored: bytes) -> None:
    """Check the records that the backup mode AllDocuments stored: each as often as it was sent."""
    has_all = case.settings["backup_mode"] == "AllDocuments"
    sent = Counter(record.data for record in watched.records) if has_all else Counter[bytes]()
    in_account = account.source_backup + account.source_backup_lost
    check_equal(in_account, sent.total(), "source records in the account")
    if account.source_backup_lost:
        return
    size = sum(len(data) * times for data, times in sent.items())
    check_equal(len(stored), size, "bytes in the source backup")
    if all(data.endswith(b"\n") for data in sent):
        lines = Counter(stored.split(b"\n")[:-1])
        check_equal(lines, _lines_of(sent), "lines in the source backup")
    else:
        missing = [data for data, times in sent.items() if stored.count(data) < times]
        check(not missing, f"source records are not in the backup: {missing[:3]}")


def _lines_of(sent: Counter[bytes]) -> Counter[bytes]:
    lines = Counter[bytes]()
    for data, times in sent.items():
        for line in data.split(b"\n")[:-1]:
            lines[line] += times
    return lines


def _lost_and_surplus(
    case: Case, watched: Watched, truth: Truth, backup: Backup
) -> tuple[Counter[str], Counter[str]]:
    """Return the records that are nowhere, and those that are in two places, by request id."""
    untransformed = Counter(line.data for line in backup.unprocessed) + watched.dropped
    unknown = untransformed.keys() - truth.by_data.keys()
    check(not unknown, f"error objects have records that nobody sent: {sorted(unknown)[:3]}")
    found = watched.confirmed + _unindexed_ids(case, backup)
    for data, times in untransformed.items():
        found[truth.by_data[data].request_id] += times
    sent = Counter(row.request_id for row in truth.sent)
    return sent - found, found - sent


def _unindexed_ids(case: Case, backup: Backup) -> Counter[str]:
    return Counter(id_of(line.data, case.id_key) for line in backup.unindexed)


def _check_documents(
    case: Case, account: Account, watched: Watched, truth: Truth, documents: Sequence[Document]
) -> None:
    """Check what is in the index after the stream, and how often."""
    found = Counter(str(document.source[case.id_key]) for document in documents)
    if case.has_ids:
        # What was stored twice has one id. What was stored before it went to the backup is there.
        expected = Counter(watched.confirmed)
        check(watched.lost.keys() <= found.keys(), "a document is not there although it was stored")
        surplus = found - expected
        check_equal(surplus.total(), account.unconfirmed, "unconfirmed documents")
        check(surplus.keys() <= watched.lost.keys(), "a document nobody confirmed")
        check_equal(account.stored_again, 0, "documents stored again in spite of ids")
        missing = expected - found
        check(not missing, f"documents are missing: {missing}")
    else:
        check_equal(found, watched.confirmed + watched.lost, "documents in the index by request id")
        check_equal(
            account.stored_again + account.unconfirmed, watched.lost.total(), "documents stored again"
        )
    check_equal(len(documents), account.documents, "documents in the account")
    _check_twice(found, truth)


def _check_twice(found: Counter[str], truth: Truth) -> None:
    twice = {name for name, times in found.items() if times > 1} - truth.twice
    check(not twice, f"documents are there twice, and no fault did it: {sorted(twice)[:5]}")


def _check_attempts(case: Case, backup: Backup) -> None:
    retried = case.settings["retries"] + 1
    for line in backup.unprocessed:
        made = line.content["attemptsMade"]
        is_last = line.content["errorCode"] == "Lambda.FunctionError"
        check(made == retried if is_last else 1 <= made <= retried, f"{made} attempts of a record")


def check_reprocessed(  # noqa: PLR0913, PLR0917 - all that there is at the end
    case: Case,
    watched: Watched,
    objects: Mapping[str, bytes],
    documents: Sequence[Document],
    report: Mapping[str, Any],
    failed: Sequence[Mapping[str, Any]],
) -> None:
    """Check the index, the failed records and the report of the job at the end."""
    truth, backup = Truth(case, watched), Backup.of(objects)
    found = Counter(str(document.source[case.id_key]) for document in documents)
    lost, _ = _lost_and_surplus(case, watched, truth, backup)
    lost_ids = {name for row in truth.valid if row.request_id in lost for name in row.ids}
    missing, surplus = truth.second - found.keys() - lost_ids, found.keys() - truth.second
    check(not missing, f"{len(missing)} records are not in the index: {sorted(missing)[:5]}")
    check(not surplus, f"{len(surplus)} records should not be in the index: {sorted(surplus)[:5]}")
    check_equal(found, expected_documents(case, watched, truth, backup), "documents by request id")
    if not case.reprocesses_all:
        _check_twice(found, truth)
    contents = truth.documents(case)
    changed = [
        each.name
        for each in documents
        if each.source not in _variants(case, contents[str(each.source[case.id_key])])
    ]
    check(not changed, f"{len(changed)} documents are not those of their rows: {changed[:5]}")

    kept = Counter((_kept_data(line), line["errorCode"]) for line in failed)
    check_equal(kept, _expected_failures(case, watched, truth, backup), "failed records with their reasons")
    totals = report["totals"]
    parts = sum(totals[name] for name in ("written", "already_there", "dropped", "failed"))
    check_equal(totals["read"], parts, "records read by reprocess")
    check_equal(totals["failed"], len(failed), "failed records of reprocess")


def check_second_job(report: Mapping[str, Any], deleted: set[str]) -> None:
    """Check that a second job found all documents, and deleted the objects of which everything is kept."""
    check_equal(report["totals"]["written"], 0, "documents that a second job created")
    # Of a record that is too large --failed may keep its beginning only.
    kept = {each["object"] for each in report["by_object"] if "too_large" not in each["by_reason"]}
    check_equal(deleted, kept, "objects that a second job deleted")


def _variants(case: Case, document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a document as it may be in the index: as it is, or without what is optional."""
    slim = {key: value for key, value in document.items() if key != case.optional}
    return [document, slim] if case.optional else [document]


def _kept_data(line: Mapping[str, Any]) -> bytes:
    """Return the record of an error object, which has another key if it was too large."""
    return base64.b64decode(line.get("rawData") or line.get("truncatedData") or "")


def _expected_failures(
    case: Case, watched: Watched, truth: Truth, backup: Backup
) -> Counter[tuple[bytes, str]]:
    """Return the records that must fail again, without line feeds, with their codes."""
    records = [line.data.removesuffix(b"\n") for line in backup.unprocessed]
    if case.reprocesses_all:
        # Here an empty record is a blank line, which is skipped, and a long line is cut.
        lines = (record.data.removesuffix(b"\n") for record in watched.records)
        records += [line[:MOST_BYTES] for line in lines if line]
    reasons = {row.data.removesuffix(b"\n"): row.reason for row in truth.by_data.values()}
    reasons |= {data[:MOST_BYTES]: reason for data, reason in reasons.items() if reason == "too_large"}
    return Counter((data, f"edgelift.{reasons[data]}") for data in records if reasons[data])


def expected_documents(case: Case, watched: Watched, truth: Truth, backup: Backup) -> Counter[str]:
    """Return how many documents of each request id must be there at the end.

    A record was delivered as often as the stream did, and by reprocessing once: its row has the request id as
    its id, and a document that was not indexed the id that was intended, or a hash of its bytes.
    """
    expected = Counter(watched.confirmed)
    if not case.has_ids:
        expected += watched.lost
    intended: set[tuple[str, str, str]] = set()
    without: defaultdict[tuple[str, str, bytes], Counter[str]] = defaultdict(Counter)
    for line in backup.unindexed:
        name, index = id_of(line.data, case.id_key), line.content["esIndexName"]
        if line.content["esDocumentId"] is None:
            without[name, index, line.data][line.key] += 1
        else:
            intended.add((name, index, line.content["esDocumentId"]))
    expected.update(name for name, _, _ in intended)
    for (name, _, _), times in without.items():
        # Equal documents of one object are counted; those of different objects have the same ids.
        expected[name] += max(times.values())
    again = {name for line in backup.unprocessed for name in truth.by_data[line.data].ids}
    if case.reprocesses_all:
        again |= truth.second
    expected.update(again)
    return expected
