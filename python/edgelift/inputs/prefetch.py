"""Prefetch: a thread reads and decompresses while another one works on what has been read."""

from __future__ import annotations

import queue
import threading
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

BLOCKS_AHEAD = 4
"""Blocks that wait at most: enough to bridge a slow read, and a megabyte of memory."""


def prefetched(blocks: Generator[bytes]) -> Generator[bytes]:
    """Yield the blocks, which a thread reads ahead, and raise what they raise; closing it closes them."""
    waiting: queue.Queue[bytes | BaseException | None] = queue.Queue(BLOCKS_AHEAD)
    unwanted = threading.Event()

    def read() -> None:
        try:
            with closing(blocks):
                for block in blocks:
                    waiting.put(block)
                    if unwanted.is_set():
                        return
            waiting.put(None)
        except BaseException as error:  # noqa: BLE001 - raised where the blocks are wanted
            waiting.put(error)

    thread = threading.Thread(target=read, name="edgelift-read", daemon=True)
    thread.start()
    try:
        while (block := waiting.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            yield block
    finally:
        unwanted.set()
        # The reader has at most one block in its hands: with an empty queue it need not wait to see that.
        while not waiting.empty():
            waiting.get()
        thread.join()
