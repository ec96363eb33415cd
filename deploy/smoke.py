"""Checks an installed edgelift: ``python -I deploy/smoke.py`` with the Python of a fresh environment.

It imports nothing but the standard library and the installed package, and needs no other package.
"""

from __future__ import annotations

import gzip
import importlib.metadata
import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import edgelift

ROW = b"1700000000.123\t192.0.2.1\t200\tGET\t/a%20b\n"
FIELDS = "timestamp,c-ip,sc-status,cs-method,cs-uri-stem"
DOCUMENT = (
    b'{"timestamp":1700000000123,"c-ip":"192.0.2.1","sc-status":200,"cs-method":"GET","cs-uri-stem":"/a b"}\n'
)
LICENSES = {"LICENSE", "THIRD-PARTY-NOTICES.txt", "THIRD-PARTY-NOTICES-columns.txt"}


def main() -> None:
    """Check the library, the command with files, and the licenses.

    Raises:
        AssertionError: something differs from what it should be.

    """
    result = edgelift.Transformer.from_fields(FIELDS.split(",")).transform_lines(ROW)
    check(result.output, DOCUMENT)
    check(run("--version"), f"edgelift {edgelift.__version__}\n".encode())
    with tempfile.TemporaryDirectory() as name:
        logs, documents = Path(name, "logs"), Path(name, "documents")
        logs.mkdir()
        (logs / "part.gz").write_bytes(gzip.compress(ROW))
        check(run("transform", str(logs / "part.gz"), "--fields", FIELDS), DOCUMENT)
        journal = str(Path(name, "journal"))
        run("reprocess", str(logs), f"{documents}/", "--fields", FIELDS, "--journal", journal)
        check((documents / "part.ndjson").read_bytes(), DOCUMENT)
    if importlib.util.find_spec("boto3") is None:
        message = run("reprocess", "s3://logs/", "--dry-run", "--fields", FIELDS, code=2)
        check(message.partition(b"pip install ")[2], b"'edgelift[aws]'\n")
    files = importlib.metadata.files("edgelift") or []
    check({file.name for file in files if "licenses" in file.parts}, LICENSES)
    print(json.dumps({"edgelift": edgelift.__version__, "python": sys.version}))  # noqa: T201 -- reports the result


def run(*arguments: str, code: int = 0) -> bytes:
    """Run the command; return its output, or its messages if it should fail with ``code``."""
    command = [sys.executable, "-I", "-m", "edgelift", *arguments]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 -- fixed commands
    if done.returncode != code:
        raise AssertionError(f"{arguments} ended with {done.returncode}: {done.stderr.decode()}")
    return done.stderr if code else done.stdout


def check(found: object, expected: object) -> None:
    """Compare a result with the expected one."""
    if found != expected:
        raise AssertionError(f"{found!r} instead of {expected!r}")


if __name__ == "__main__":
    main()
