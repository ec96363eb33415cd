"""The options of ``edgelift simulate``."""

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
from edgelift.cli.configuration import ConfigOption, FieldsOption, MaxExpansionOption
from edgelift.cli.object_options import EndpointOption, ProfileOption, RegionOption, RequesterPaysOption
from edgelift.cli.output_section import (
    ColumnsOption,
    MissingOption,
    NamesOption,
    TimestampOption,
    ValuesOption,
)
from edgelift.inputs.limits import MAX_EXPANSION


class Handler(StrEnum):
    """Choices of ``--handler``."""

    RAW = "raw"
    DICT = "dict"
    PURE = "pure"


class BackupMode(StrEnum):
    """Choices of ``--backup-mode``."""

    FAILED = "failed"
    ALL = "all"


class Options(VerbOptions):
    """The arguments and options."""

    lines: Annotated[
        list[str] | None,
        Argument(
            metavar="LINES",
            meaning="Files of real-time log lines, folders, s3:// and presigned https:// URLs, or one "
            "kinesis:NAME; - or none: standard input.",
        ),
    ] = None
    fields: FieldsOption = None
    config: ConfigOption = None
    names: NamesOption = None
    values: ValuesOption = None
    missing: MissingOption = None
    timestamp: TimestampOption = None
    columns: ColumnsOption = None
    kinesis: Annotated[
        str | None,
        Option("--kinesis", metavar="URL", meaning="Endpoint of Kinesis for kinesis:NAME; default: AWS."),
    ] = None
    opensearch: Annotated[
        str | None,
        Option(
            "--opensearch",
            metavar="URL",
            meaning="OpenSearch for the documents; default: the embedded engine, with at most 5,000 records.",
        ),
    ] = None
    apply_template: Annotated[
        bool,
        Option(
            "--apply-template", "Create or replace the index template; the embedded engine always has it."
        ),
    ] = False
    backup: Annotated[
        str | None,
        Option(
            "--backup",
            metavar="PLACE",
            meaning="Empty folder or prefix in S3 for failed records; default: they are only counted.",
        ),
    ] = None
    backup_mode: Annotated[
        BackupMode, Option("--backup-mode", "Back up failed records only, or all source records, too.")
    ] = BackupMode.FAILED
    rate: Annotated[
        float,
        Option(
            "--rate",
            metavar="N",
            least=0.001,
            most=1e7,
            meaning="Records per second that arrive; default: 1000.",
        ),
    ] = 1000.0
    buffer_mb: Annotated[
        float,
        Option(
            "--buffer-mb",
            metavar="N",
            least=0.2,
            most=3,
            meaning="MiB of the buffer before the function; default: 1.",
        ),
    ] = 1.0
    interval: Annotated[
        float,
        Option(
            "--interval",
            metavar="S",
            least=0,
            most=900,
            meaning="Seconds that buffers wait at most; default: 60.",
        ),
    ] = 60.0
    shards: Annotated[
        int, Option("--shards", metavar="N", least=1, most=10_000, meaning="Shards of the Kinesis stream.")
    ] = 1
    speed: Annotated[
        float | None,
        Option(
            "--speed",
            metavar="N",
            least=0.001,
            meaning="Simulated seconds per second; default: as fast as possible.",
        ),
    ] = None
    faults: Annotated[
        str | None, Option("--faults", metavar="FILE", meaning="TOML file of faults: docs/simulate.md.")
    ] = None
    seed: Annotated[
        int,
        Option(
            "--seed",
            metavar="N",
            least=0,
            meaning="Start of the random numbers, which repeats a run; default: 0.",
        ),
    ] = 0
    handler: Annotated[
        Handler,
        Option("--handler", "Handler of the function: of bytes, of dicts, or the one in plain Python."),
    ] = Handler.RAW
    layer: Annotated[
        str | None,
        Option(
            "--layer",
            metavar="ZIP",
            meaning="Zip of a layer to run the function from, instead of this installation.",
        ),
    ] = None
    memory: Annotated[
        int,
        Option(
            "--memory",
            metavar="MB",
            least=128,
            most=10_240,
            meaning="Memory that the function may use; default: 1769, one CPU.",
        ),
    ] = 1769
    timeout: Annotated[
        float,
        Option(
            "--timeout",
            metavar="S",
            least=1,
            most=900,
            meaning="Seconds that the function may take; default: 60.",
        ),
    ] = 60.0
    as_json: Annotated[bool, Option("--json", "Write the account as JSON.")] = False
    user: UserOption = None
    sigv4: SigV4Option = None
    ca_certs: CaCertsOption = None
    client_cert: ClientCertOption = None
    client_key: ClientKeyOption = None
    insecure: InsecureOption = False
    max_expansion: MaxExpansionOption = MAX_EXPANSION
    requester_pays: RequesterPaysOption = False
    profile: ProfileOption = None
    region: RegionOption = None
    endpoint_url: EndpointOption = None
