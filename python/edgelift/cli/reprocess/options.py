"""The options of ``edgelift reprocess``."""

from enum import StrEnum
from typing import Annotated

from edgelift.cli.arguments import Argument, Option, VerbOptions
from edgelift.cli.cluster_options import (
    CaCertsOption,
    ClientCertOption,
    ClientKeyOption,
    InsecureOption,
    SigV4Option,
    UserOption,
)
from edgelift.cli.configuration import ConfigOption, FieldsOption, InputFormatOption, MaxExpansionOption
from edgelift.cli.object_options import EndpointOption, ProfileOption, RegionOption, RequesterPaysOption
from edgelift.cli.output_options import QuietOption, RawDataOption
from edgelift.cli.output_section import (
    ColumnsOption,
    MissingOption,
    NamesOption,
    TimestampOption,
    ValuesOption,
)
from edgelift.inputs.limits import MAX_EXPANSION

JOURNAL = "edgelift-reprocess.journal"


class Packing(StrEnum):
    """Choices of ``--compress``."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


class Options(VerbOptions):
    """The arguments and options."""

    source: Annotated[
        str,
        Argument(
            metavar="SOURCE",
            meaning="File, folder, pattern, s3://bucket/prefix, list:FILE, inventory:FILE; -: standard "
            "input.",
        ),
    ]
    dest: Annotated[
        str | None,
        Argument(
            metavar="DEST",
            meaning="File, folder, s3://bucket/prefix, URL of OpenSearch, firehose:NAME or kinesis:NAME; "
            "may be left out with --dry-run.",
        ),
    ] = None
    fields: FieldsOption = None
    config: ConfigOption = None
    input_format: InputFormatOption = None
    names: NamesOption = None
    values: ValuesOption = None
    missing: MissingOption = None
    timestamp: TimestampOption = None
    columns: ColumnsOption = None
    failed: Annotated[
        str | None,
        Option(
            "--failed",
            metavar="DIR",
            meaning="Folder or s3://bucket/prefix for failed records, as error objects of Firehose.",
        ),
    ] = None
    raw_data: RawDataOption = None
    compress: Annotated[
        Packing | None,
        Option("--compress", meaning="Compression of the files in a folder or in S3."),
    ] = None
    suffix: Annotated[
        str, Option("--suffix", metavar="TEXT", meaning="Only objects whose names end with TEXT.")
    ] = ""
    since: Annotated[
        str | None,
        Option(
            "--since",
            metavar="TIME",
            meaning="Only objects of this time or later, by the date in their names, in UTC.",
        ),
    ] = None
    until: Annotated[
        str | None,
        Option(
            "--until",
            metavar="TIME",
            meaning="Only objects from before this time, by the date in their names.",
        ),
    ] = None
    limit: Annotated[
        int | None, Option("--limit", metavar="N", least=1, meaning="Only the first N objects.")
    ] = None
    workers: Annotated[
        int | None,
        Option(
            "--workers", metavar="N", least=1, most=64, meaning="Objects at a time; default: two per CPU."
        ),
    ] = None
    quiet: QuietOption = False
    dry_run: Annotated[bool, Option("--dry-run", meaning="Read and count everything, write nothing.")] = False
    journal: Annotated[
        str,
        Option("--journal", metavar="FILE", meaning="File in which the job records completed objects."),
    ] = JOURNAL
    resume: Annotated[
        bool, Option("--resume", meaning="Resume the job of the journal; completed objects are skipped.")
    ] = False
    delete_source: Annotated[
        bool,
        Option("--delete-source", meaning="Delete completed objects at the end of the job."),
    ] = False
    requester_pays: RequesterPaysOption = False
    profile: ProfileOption = None
    region: RegionOption = None
    endpoint_url: EndpointOption = None
    index: Annotated[
        str | None,
        Option(
            "--index",
            metavar="PATTERN",
            meaning="Name of the index in OpenSearch, by the time of the record.",
        ),
    ] = None
    overwrite: Annotated[
        bool, Option("--overwrite", meaning="Replace documents that OpenSearch has under the same id.")
    ] = False
    compare: Annotated[
        bool,
        Option(
            "--compare",
            meaning="Count documents that OpenSearch has with other content, and keep them; missing ones "
            "are written. Needs permission to read.",
        ),
    ] = False
    user: UserOption = None
    sigv4: SigV4Option = None
    ca_certs: CaCertsOption = None
    client_cert: ClientCertOption = None
    client_key: ClientKeyOption = None
    max_expansion: MaxExpansionOption = MAX_EXPANSION
    insecure: InsecureOption = False
    as_json: Annotated[
        bool, Option("--json", meaning="Write a JSON report of all objects to standard output.")
    ] = False
