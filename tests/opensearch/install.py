"""OpenSearch from Maven Central, unpacked once into a folder that git ignores."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

VERSION = "2.19.4"
"""The last one whose server and security plugin are both on Maven Central and run with Java 17."""

# SHA-256 of what is fetched: Maven compares with what the repository says, which is not the same.
ARTIFACTS = {
    f"org.opensearch.distribution.integ-test-zip:opensearch:{VERSION}:zip": (
        "3902e642715210d1d9d7cbdcc8f5abd6f931d1d7a679cea3750937becf16c406"
    ),
    f"org.opensearch.plugin:opensearch-security:{VERSION}.0:zip": (
        "1f673622c462c4171a8c53f9b1ad20e5b839834cb79b0d3b388da180a0e514e8"
    ),
}

COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"

CACHE = "EDGELIFT_OPENSEARCH"
"""Variable of the environment with the folder to use in place of `.opensearch`."""


def installed() -> Path:
    """Return the folder of the server, which is fetched if it is not there.

    Raises:
        subprocess.CalledProcessError: Maven cannot fetch it.
        RuntimeError: what it has fetched is something else.

    """
    cache = Path(os.environ.get(CACHE) or Path(__file__).parents[2] / ".opensearch").absolute()
    home = cache / VERSION
    if home.exists():
        return home
    new = cache / f"{VERSION}.partial"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    server, security = (_fetched(artifact, digest, cache) for artifact, digest in ARTIFACTS.items())
    with zipfile.ZipFile(server) as archive:
        archive.extractall(new)
    inner = new / f"opensearch-{VERSION}"
    with zipfile.ZipFile(security) as archive:
        archive.extractall(inner / "plugins" / "opensearch-security")
    # The server looks into its own folder of logs, wherever it writes them.
    (inner / "logs").mkdir(exist_ok=True)
    # It runs as somebody else if we are root.
    readable = ["chmod", "--recursive", "a+rX", str(inner)]
    subprocess.run(readable, check=True)
    inner.rename(home)
    new.rmdir()
    for archive_file in server, security:
        archive_file.unlink()
    return home


def java() -> str:
    """Return the Java that runs it: the security manager, which it needs, is gone from later ones.

    Raises:
        RuntimeError: there is none.

    """
    named = os.environ.get("OPENSEARCH_JAVA_HOME")
    homes = [Path(named)] if named else sorted(Path("/usr/lib/jvm").glob("java-17-openjdk-*"))
    for home in homes:
        if (home / "bin/java").is_file():
            return str(home / "bin/java")
    raise RuntimeError(
        "OpenSearch needs Java 17: apt-get install openjdk-17-jre-headless, or set OPENSEARCH_JAVA_HOME"
    )


def _fetched(artifact: str, digest: str, folder: Path) -> Path:
    command = ["mvn", "--quiet", "--batch-mode", "--strict-checksums", COPY]
    subprocess.run([*command, f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"], check=True)
    _, name, version, kind = artifact.split(":")
    path = folder / f"{name}-{version}.{kind}"
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != digest:
        path.unlink()
        raise RuntimeError(f"{artifact} is not what it was: its SHA-256 is {found}, not {digest}")
    return path
