"""``edgelift opensearch apply`` and ``check``: a live cluster and what it needs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from edgelift.cli.cluster_options import apply_command, cluster_options, warn_if_insecure_is_idle
from edgelift.cli.console import CliExit, ExitCode, eprint
from edgelift.cli.opensearch.dashboards import Dashboards
from edgelift.cli.opensearch.options import Action
from edgelift.cli.signals import import_orjson
from edgelift.cli.sink import write_lines, write_standard_output
from edgelift.errors import ConfigError
from edgelift.opensearch.apply import Plan, apply, plan
from edgelift.opensearch.attach import attach, existing
from edgelift.opensearch.policy import policy_warnings
from edgelift.opensearch.template import warnings_of
from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.errors import JobError, ReprocessError
from edgelift.reprocess.extras import needs

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.cli.opensearch.options import Options
    from edgelift.opensearch.cluster import Cluster


def run(transformer: Transformer, options: Options) -> int:
    """Run an action on a cluster; return the exit code.

    Raises:
        CliExit: the cluster cannot be used, or a step failed.

    """
    import_orjson()
    try:
        warn_if_insecure_is_idle(options, options.endpoint, options.dashboards)
        cluster = None if options.endpoint is None else _connect(options.endpoint, options)
        if cluster is not None and options.action == Action.CHECK:
            return _check(cluster, transformer, options)
        return _apply(cluster, transformer, options)
    except ConfigError as error:
        raise CliExit(ExitCode.USAGE, str(error)) from None
    except JobError as error:
        first, *others = str(error).splitlines()
        eprint(f"edgelift: {first}")
        for line in others:
            eprint(line)
        raise CliExit(ExitCode.STOPPED) from None
    except ReprocessError as error:
        raise CliExit(ExitCode.USAGE, str(error)) from None


def _connect(endpoint: str, options: Options) -> Cluster:
    with needs("opensearchpy", "OpenSearch"):
        from edgelift.opensearch.cluster import Cluster  # 0.3 s

    aws = AwsOptions(options.profile, None, options.region)
    return Cluster(endpoint, cluster_options(options), aws)


def _apply(cluster: Cluster | None, transformer: Transformer, options: Options) -> int:
    """Compare everything before anything is done."""
    url = options.dashboards
    dashboards = None if url is None else Dashboards(url, transformer, options)
    if cluster is None:
        found, indices = Plan([], []), []
    else:
        for warning in warnings_of(transformer):
            eprint(f"warning: {warning}")
        found = plan(cluster, transformer, options.role, data_stream=options.data_stream)
        for warning in policy_warnings(transformer) if found.has_policy else []:
            eprint(f"warning: {warning}")
        for finding in found.findings:
            eprint(f"warning: {finding.cause}; {finding.command}")
        indices = existing(cluster, transformer) if options.attach_existing else []
    lines = [*_lines(found), *(index.line for index in indices)]
    lines += [] if dashboards is None else dashboards.plan()
    write_lines(lines)
    if options.dry_run:
        return ExitCode.DONE
    if cluster is not None:
        for line in apply(cluster, found.steps):
            eprint(f"edgelift: {line}")
        if indices:
            eprint(f"edgelift: {attach(cluster, transformer, indices)}")
    for line in [] if dashboards is None else dashboards.apply():
        eprint(f"edgelift: {line}")
    return ExitCode.DONE


def _check(cluster: Cluster, transformer: Transformer, options: Options) -> int:
    from edgelift.opensearch.check import check

    words = [apply_command(options.endpoint, options)]
    words += [] if options.role is None else [f"--role {options.role}"]
    words += ["--data-stream"] if options.data_stream else []
    report = check(
        cluster, transformer, options.role, data_stream=options.data_stream, command=" ".join(words)
    )
    if options.as_json:
        write_standard_output(json.dumps(asdict(report), indent=2, ensure_ascii=False) + "\n")
    else:
        lines = [f"{found.field}: {found.cause}; {found.command}" for found in report.findings]
        lines += [f"not checked: {words}" for words in report.not_checked]
        write_lines(lines)
        eprint(f"edgelift: findings {len(report.findings)}")
    return ExitCode.SOME_FAILED if report.findings else ExitCode.DONE


def _lines(found: Plan) -> list[str]:
    lines = []
    for step in found.steps:
        note = f", {step.note}" if step.note else ""
        lines.append(f"{step.title}: {step.needed or 'unchanged'}{note}")
        lines += step.diff
    return [*lines, *found.skipped]
