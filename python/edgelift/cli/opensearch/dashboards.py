"""``edgelift opensearch apply --dashboards``: the saved objects of OpenSearch Dashboards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgelift.cli.cluster_options import cluster_options
from edgelift.opensearch.dashboards.saved_objects import saved_objects
from edgelift.reprocess.aws import AwsOptions
from edgelift.reprocess.extras import needs

if TYPE_CHECKING:
    from edgelift._core import Transformer
    from edgelift.cli.opensearch.options import Options


class Dashboards:
    """Saved objects of a configuration, and where they are imported.

    Args:
        url: the URL of Dashboards.
        transformer: the configuration.
        options: how the server is reached.

    Raises:
        ConfigError: the configuration has no dashboards.
        UsageError: the server cannot be reached so.

    """

    def __init__(self, url: str, transformer: Transformer, options: Options) -> None:
        with needs("opensearchpy", "OpenSearch"):
            from edgelift.opensearch.dashboards.importer import Importer  # 0.3 s

        self._objects = saved_objects(transformer)
        aws = AwsOptions(options.profile, None, options.region)
        self._importer = Importer(url, cluster_options(options), aws, options.tenant)
        self._needed: dict[str, str] = {}

    def plan(self) -> list[str]:
        """Compare the objects with those that are there; return lines that say what is to be done.

        Raises:
            JobError: the server cannot be used.

        """
        found = self._importer.plan(self._objects)
        self._needed = {name: needed for name, needed in found.items() if needed}
        unchanged = len(found) - len(self._needed)
        lines = [f"{name}: {needed}" for name, needed in self._needed.items()]
        return [*lines, f"{unchanged} saved objects: unchanged"] if unchanged else lines

    def apply(self) -> list[str]:
        """Import all objects if one is to be created or updated; return lines that say what was done.

        Raises:
            JobError: the server refuses an object, or has another one afterwards.

        """
        if not self._needed:
            return []
        self._importer.apply(self._objects)
        return [f"{len(self._objects)} saved objects imported and read back"]
