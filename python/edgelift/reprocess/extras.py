"""Packages that only some jobs need: what to install if one is missing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from edgelift.reprocess.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES: Final = {
    "boto3": ("boto3", "aws"),
    "opensearchpy": ("opensearch-py", "opensearch"),
    "urllib3": ("urllib3", "aws"),
    "zstandard": ("zstandard", "zstd"),
    "awslambdaric": ("awslambdaric", "demo"),
    "osmem_server": ("osmem-server", "demo"),
}
"""Package and extra of each module."""


@contextmanager
def needs(module: str, purpose: str) -> Iterator[None]:
    """Import an optional module in the block; say how to install it if it is missing.

    Args:
        module: name of the module that the block imports first.
        purpose: what needs it, as the subject of the message.

    Raises:
        UsageError: the module is not installed. A module that is installed and broken raises its own error.

    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        package, extra = _PACKAGES[module]
        raise UsageError(
            f"{purpose} needs the package {package}, which is not installed: pip install 'edgelift[{extra}]'"
        ) from None
