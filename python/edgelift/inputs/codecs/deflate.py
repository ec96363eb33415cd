"""The library that inflates and deflates: zlib-ng, or Python's zlib where zlib-ng cannot be imported.

zlib-ng has the interface and the messages of zlib and needs half of its time. Faster ones lack `copy`, which
saves the content before damage. The Lambda layer has no dependencies, so it uses zlib.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import zlib
else:
    try:
        from zlib_ng import zlib_ng as zlib
    except ImportError:
        import zlib

has_zlib_ng: Final = zlib.__name__ != "zlib"
"""True if `zlib` is zlib-ng."""

__all__ = ["has_zlib_ng", "zlib"]
