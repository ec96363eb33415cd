"""Locks on the local files and folders that a job writes to."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from edgelift.atomic_file import remove_temporaries
from edgelift.output_lock import LockedError, OutputLock
from edgelift.reprocess.errors import JobError, UsageError
from edgelift.reprocess.objects import display_path
from edgelift.reprocess.plan.places import absolute, is_local, is_one_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgelift.reprocess.error_objects import ErrorObjectStore
    from edgelift.reprocess.plan.request import Request


@contextmanager
def locked_outputs(request: Request, failed: ErrorObjectStore | None, *, resume: bool) -> Iterator[None]:
    """Lock local outputs against other jobs, and remove the temporary files of killed ones.

    Raises:
        UsageError: another job writes there, or there are failed records of one.
        JobError: it cannot be locked.

    """
    destination, failed_place = request.destination, request.failed
    files: list[Path] = []
    folders: list[Path] = []
    if destination is not None and is_local(destination):
        (files if is_one_file(destination) else folders).append(Path(absolute(destination)))
    if failed_place is not None and is_local(failed_place):
        folders.append(Path(absolute(failed_place)))
    try:
        lock = OutputLock(files=files, folders=folders)
    except LockedError as error:
        raise UsageError(str(error)) from None
    except NotADirectoryError as error:
        place = display_path(os.fsdecode(error.filename or [*files, *folders][0]))
        raise UsageError(f"{place} is not a folder; name another place") from None
    except OSError as error:
        place = display_path(os.fsdecode(error.filename or [*files, *folders][0]))
        raise JobError(f"cannot write to {place}: {error.strerror}") from None
    with lock:
        for folder in filter(lock.is_held, folders):
            remove_temporaries(folder)
        # Objects that are named one by one share the folder.
        if failed and request.source is not None and not resume and not failed.is_empty():
            raise UsageError(
                f"the folder of failed records {display_path(failed_place or '')} is not empty, and would "
                "hold those of two jobs: empty it, name another one, or continue its job with --resume"
            )
        yield
        # It is there before the first failed record, since it is locked; without any it is not wanted.
        lock.remove_empty(
            folder for folder in folders if destination is None or folder != Path(absolute(destination))
        )
