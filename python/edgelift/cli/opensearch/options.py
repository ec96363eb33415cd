"""The options of ``edgelift opensearch``."""

from enum import StrEnum
from typing import Annotated

from edgelift.cli.arguments import Argument, Option, VerbOptions
from edgelift.cli.configuration import ConfigOption, FieldsOption


class Action(StrEnum):
    """Choices of ``ACTION``."""

    SHOW = "show"


class What(StrEnum):
    """Choices of ``WHAT``."""

    TEMPLATE = "template"
    POLICY = "policy"
    ROLES = "roles"
    DASHBOARDS = "dashboards"


class RoleVariant(StrEnum):
    """Choices of ``--role``."""

    RECIPE = "recipe"
    LEAST = "least"
    MONITOR = "monitor"


class Options(VerbOptions):
    """The arguments and options."""

    action: Annotated[
        Action, Argument("ACTION", "show writes one of the bodies as JSON, dashboards as JSON lines.")
    ]
    what: Annotated[
        What | None,
        Argument("WHAT", "The index template, the policy of retention, the roles, or the dashboards."),
    ] = None
    fields: FieldsOption = None
    config: ConfigOption = None
    role: Annotated[
        RoleVariant,
        Option(
            "--role",
            "Permissions of Firehose's role: as in AWS's recipes, writing, or writing and monitoring.",
        ),
    ] = RoleVariant.RECIPE
    data_stream: Annotated[
        bool, Option("--data-stream", "The index template is that of a data stream, for edgelift reprocess.")
    ] = False
