"""The options of ``edgelift reprocess``."""

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import Annotated

import typer

from edgelift.cli.configuration import ConfigOption, FieldsOption, MaxExpansionOption
from edgelift.inputs.limits import MAX_EXPANSION

JOURNAL = "edgelift-reprocess.journal"


class Packing(StrEnum):
    """Choices of ``--compress``."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


class Service(StrEnum):
    """Choices of ``--sigv4``."""

    MANAGED = "es"
    SERVERLESS = "aoss"


@dataclass(frozen=True, slots=True)
class Options:
    """The arguments and options, as typer reads them."""

    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="File, folder, pattern, s3://bucket/prefix, list:FILE, inventory:FILE; -: standard input.",
        ),
    ]
    dest: Annotated[
        str | None,
        typer.Argument(
            metavar="DEST",
            help="File, folder, s3://bucket/prefix, URL of OpenSearch, firehose:NAME or kinesis:NAME; may be "
            "left out with --dry-run.",
        ),
    ] = None
    _: KW_ONLY
    fields: FieldsOption = None
    config: ConfigOption = None
    failed: Annotated[
        str | None,
        typer.Option(
            "--failed",
            metavar="DIR",
            help="Folder or s3://bucket/prefix for failed records, as error objects of Firehose.",
        ),
    ] = None
    compress: Annotated[
        Packing | None,
        typer.Option("--compress", help="How the files of a folder or of S3 are packed."),
    ] = None
    suffix: Annotated[
        str, typer.Option("--suffix", metavar="TEXT", help="Only objects whose names end so.")
    ] = ""
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="TIME",
            help="Only objects of this time or later, by the date in their names, in UTC.",
        ),
    ] = None
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="TIME", help="Only objects from before this time, by the date in their names."
        ),
    ] = None
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Only the first N objects.")
    ] = None
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", metavar="N", min=1, max=64, help="Objects at a time; two a CPU, if not said."
        ),
    ] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count everything, write nothing.")] = (
        False
    )
    journal: Annotated[
        str,
        typer.Option("--journal", metavar="FILE", help="Where the job keeps what is done."),
    ] = JOURNAL
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the job of the journal: what is done stays.")
    ] = False
    delete_source: Annotated[
        bool,
        typer.Option("--delete-source", help="Delete each object that is done, at the end of the job."),
    ] = False
    requester_pays: Annotated[
        bool, typer.Option("--requester-pays", help="Pay for what is read from S3.")
    ] = False
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="Profile of the AWS configuration files."),
    ] = None
    endpoint_url: Annotated[
        str | None,
        typer.Option("--endpoint-url", metavar="URL", help="Where S3 is, if not at AWS."),
    ] = None
    index: Annotated[
        str | None,
        typer.Option(
            "--index", metavar="PATTERN", help="Name of the index in OpenSearch, by the time of the record."
        ),
    ] = None
    user: Annotated[
        str | None,
        typer.Option(
            "--user", metavar="NAME", help="User of OpenSearch; the password is in OPENSEARCH_PASSWORD."
        ),
    ] = None
    sigv4: Annotated[
        Service | None,
        typer.Option("--sigv4", help="Sign requests to OpenSearch with AWS credentials."),
    ] = None
    ca_certs: Annotated[
        str | None,
        typer.Option("--ca-certs", metavar="FILE", help="Certificates to trust OpenSearch by."),
    ] = None
    max_expansion: MaxExpansionOption = MAX_EXPANSION
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="Let credentials go over http:// to another machine, unencrypted."),
    ] = False
    as_json: Annotated[
        bool, typer.Option("--json", help="Write the account of all objects to standard output.")
    ] = False
