"""The options of ``edgelift opensearch``."""

from enum import StrEnum
from typing import Annotated, Final

from edgelift.cli.arguments import Argument, Option, VerbOptions
from edgelift.cli.cluster_options import (
    CaCertsOption,
    ClientCertOption,
    ClientKeyOption,
    InsecureOption,
    SigV4Option,
    UserOption,
)
from edgelift.cli.configuration import ConfigOption, FieldsOption, InputFormatOption
from edgelift.cli.object_options import ProfileOption, RegionOption
from edgelift.opensearch.roles import Role


class Action(StrEnum):
    """Choices of ``ACTION``."""

    SHOW = "show"
    APPLY = "apply"
    CHECK = "check"


class What(StrEnum):
    """Choices of ``WHAT``."""

    TEMPLATE = "template"
    POLICY = "policy"
    ROLES = "roles"
    DASHBOARDS = "dashboards"


class Options(VerbOptions):
    """The arguments and options."""

    action: Annotated[
        Action,
        Argument(
            "ACTION",
            "show writes a body as JSON, apply creates or updates all on a cluster, check compares it.",
        ),
    ]
    what: Annotated[
        What | None,
        Argument("WHAT", "What to show: index template, policy of retention, roles, or dashboards."),
    ] = None
    fields: FieldsOption = None
    config: ConfigOption = None
    input_format: InputFormatOption = None
    role: Annotated[
        Role | None,
        Option(
            "--role",
            "Permissions of Firehose's role: as in AWS's recipes, writing, or writing and monitoring; "
            "default: the live one, or recipe.",
        ),
    ] = None
    data_stream: Annotated[
        bool, Option("--data-stream", "The index template is that of a data stream, for edgelift reprocess.")
    ] = False
    endpoint: Annotated[str | None, Option("--endpoint", "URL of OpenSearch.", metavar="URL")] = None
    dashboards: Annotated[
        str | None,
        Option("--dashboards", "URL of OpenSearch Dashboards, to import dashboards.", metavar="URL"),
    ] = None
    tenant: Annotated[
        str | None,
        Option(
            "--tenant", "Tenant of Dashboards, such as global; default: that of the user.", metavar="NAME"
        ),
    ] = None
    user: UserOption = None
    sigv4: SigV4Option = None
    ca_certs: CaCertsOption = None
    client_cert: ClientCertOption = None
    client_key: ClientKeyOption = None
    insecure: InsecureOption = False
    profile: ProfileOption = None
    region: RegionOption = None
    dry_run: Annotated[bool, Option("--dry-run", "Show what would be done, and do nothing.")] = False
    attach_existing: Annotated[
        bool,
        Option(
            "--attach-existing", "Put indices that exist under the policy, which may delete them at once."
        ),
    ] = False
    as_json: Annotated[bool, Option("--json", "Write the findings of check as JSON.")] = False


_ON_CLUSTERS: Final = ("apply", "check")

TAKEN_BY: Final = {
    "role": ("show roles", *_ON_CLUSTERS),
    "data_stream": ("show template", *_ON_CLUSTERS),
    "endpoint": _ON_CLUSTERS,
    "dashboards": ("apply",),
    "tenant": ("apply",),
    "user": _ON_CLUSTERS,
    "sigv4": _ON_CLUSTERS,
    "ca_certs": _ON_CLUSTERS,
    "client_cert": _ON_CLUSTERS,
    "client_key": _ON_CLUSTERS,
    "insecure": _ON_CLUSTERS,
    "profile": _ON_CLUSTERS,
    "region": _ON_CLUSTERS,
    "dry_run": ("apply",),
    "attach_existing": ("apply",),
    "as_json": ("check",),
}
"""The commands that take an option; all commands take the options that are not listed."""

NEEDS: Final = {
    "role": "endpoint",
    "data_stream": "endpoint",
    "attach_existing": "endpoint",
    "tenant": "dashboards",
    "profile": "sigv4",
    "region": "sigv4",
}
"""For options that have no effect on servers without another one, the other one."""
