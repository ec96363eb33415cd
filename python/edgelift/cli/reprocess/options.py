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
        typer.Option("--compress", help="Compression of the files in a folder or in S3."),
    ] = None
    suffix: Annotated[
        str, typer.Option("--suffix", metavar="TEXT", help="Only objects whose names end with TEXT.")
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
            "--workers", metavar="N", min=1, max=64, help="Objects at a time; default: two per CPU."
        ),
    ] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count everything, write nothing.")] = (
        False
    )
    journal: Annotated[
        str,
        typer.Option("--journal", metavar="FILE", help="File in which the job records completed objects."),
    ] = JOURNAL
    resume: Annotated[
        bool, typer.Option("--resume", help="Resume the job of the journal; completed objects are skipped.")
    ] = False
    delete_source: Annotated[
        bool,
        typer.Option("--delete-source", help="Delete completed objects at the end of the job."),
    ] = False
    requester_pays: Annotated[
        bool,
        typer.Option(
            "--requester-pays", help="Pay for requests and data of buckets that charge the requester."
        ),
    ] = False
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="Profile of the AWS configuration files."),
    ] = None
    endpoint_url: Annotated[
        str | None,
        typer.Option("--endpoint-url", metavar="URL", help="Endpoint of an S3 that is not at AWS."),
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
        typer.Option("--ca-certs", metavar="FILE", help="CA certificates of OpenSearch."),
    ] = None
    max_expansion: MaxExpansionOption = MAX_EXPANSION
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="Allow credentials over unencrypted http:// to another machine."),
    ] = False
    as_json: Annotated[
        bool, typer.Option("--json", help="Write a JSON report of all objects to standard output.")
    ] = False
