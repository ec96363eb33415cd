"""``edgelift opensearch show``: the bodies as they are sent, without a server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edgelift.cli.console import CliExit, ExitCode, eprint
from edgelift.cli.opensearch.options import What
from edgelift.errors import ConfigError
from edgelift.opensearch.dashboards.saved_objects import ndjson
from edgelift.opensearch.policy import policy, policy_warnings
from edgelift.opensearch.roles import PLACEHOLDER, Role, roles
from edgelift.opensearch.template import template, warnings_of

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.cli.opensearch.options import Options


def show(transformer: Transformer, what: What, options: Options) -> str:
    """Return a body as JSON text, or dashboards as JSON lines, and print warnings about it.

    Raises:
        CliExit: the configuration has no such body.

    """
    try:
        return _text(transformer, what, options)
    except ConfigError as error:
        raise CliExit(ExitCode.USAGE, str(error)) from None


def _text(transformer: Transformer, what: What, options: Options) -> str:
    match what:
        case What.DASHBOARDS:
            return ndjson(transformer)
        case What.TEMPLATE:
            for warning in warnings_of(transformer):
                eprint(f"warning: {warning}")
            return _json(template(transformer, data_stream=options.data_stream))
        case What.POLICY:
            body = policy(transformer)
            if body is None:
                raise ConfigError(
                    "indices are kept forever: [opensearch] retention_days is not set, so there is no policy"
                )
            for warning in policy_warnings(transformer):
                eprint(f"warning: {warning}")
            return _json(body)
        case What.ROLES:
            if not transformer.options["opensearch"]["firehose_role_arn"]:
                eprint(f"warning: {PLACEHOLDER} stands for [opensearch] firehose_role_arn, which is not set")
            return _json(roles(transformer, options.role or Role.RECIPE))


def _json(body: object) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"
