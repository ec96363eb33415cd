"""Options that several verbs share: how OpenSearch is reached."""

import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from edgelift.cli.arguments import Option
from edgelift.cli.console import eprint, shown_name

if TYPE_CHECKING:
    from edgelift.reprocess.sinks.opensearch.options import ClusterOptions


class Service(StrEnum):
    """Choices of ``--sigv4``."""

    MANAGED = "es"
    SERVERLESS = "aoss"


UserOption = Annotated[
    str | None,
    Option("--user", metavar="NAME", meaning="User of OpenSearch; the password is in OPENSEARCH_PASSWORD."),
]
SigV4Option = Annotated[
    Service | None,
    Option("--sigv4", meaning="Sign requests to OpenSearch with AWS credentials."),
]
CaCertsOption = Annotated[
    str | None,
    Option("--ca-certs", metavar="FILE", meaning="CA certificates of OpenSearch."),
]
ClientCertOption = Annotated[
    str | None,
    Option("--client-cert", metavar="FILE", meaning="Certificate of the client, in PEM, for OpenSearch."),
]
ClientKeyOption = Annotated[
    str | None,
    Option(
        "--client-key",
        metavar="FILE",
        meaning="Key of the client, unless it is in the file of the certificate.",
    ),
]
InsecureOption = Annotated[
    bool,
    Option(
        "--insecure",
        meaning="Allow credentials over unencrypted http:// to another machine; no effect with https://.",
    ),
]


def warn_if_insecure_is_idle(options: Any, *urls: str | None) -> None:  # noqa: ANN401 - options of several verbs
    """Print a warning if ``--insecure`` has no effect on connections to these URLs."""
    schemes = {url.partition("://")[0].lower() for url in urls if url is not None}
    if options.insecure and schemes == {"https"}:
        eprint(
            "edgelift: warning: --insecure has no effect with https://: it allows credentials over http://; "
            "--ca-certs FILE trusts a self-signed certificate or a private CA"
        )


def apply_command(endpoint: str | None, options: Any) -> str:  # noqa: ANN401 - options of several verbs
    """Return the command that prepares OpenSearch, for a shell, with the given options that it takes."""
    given = {
        "--endpoint": endpoint,
        "--fields": options.fields,
        "--config": options.config,
        "--input-format": options.input_format,
        "--user": options.user,
        "--sigv4": options.sigv4,
        "--ca-certs": options.ca_certs,
        "--client-cert": options.client_cert,
        "--client-key": options.client_key,
    }
    if options.sigv4 is not None:
        given |= {"--profile": options.profile, "--region": options.region}
    words = [
        f" {name} {shlex.quote(shown_name(value))}" for name, value in given.items() if value is not None
    ]
    return "".join(["edgelift opensearch apply", *words, " --insecure" if options.insecure else ""])


def cluster_options(options: Any) -> "ClusterOptions":  # noqa: ANN401 - options of several verbs
    """Return how OpenSearch is reached."""
    from edgelift.reprocess.sinks.opensearch.options import ClusterOptions

    def path(name: str | None) -> Path | None:
        return None if name is None else Path(name)

    return ClusterOptions(
        options.user,
        None if options.sigv4 is None else options.sigv4.value,
        path(options.ca_certs),
        options.insecure,
        path(options.client_cert),
        path(options.client_key),
    )
