"""The files of a job that cannot be its objects: it would read what it writes, or delete what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgelift.reprocess.errors import UsageError
from edgelift.reprocess.journal.file import SUFFIXES
from edgelift.reprocess.objects import display_path
from edgelift.reprocess.plan.places import absolute, is_local, is_one_file, real
from edgelift.reprocess.plan.protected import list_of

if TYPE_CHECKING:
    from edgelift.reprocess.plan.request import Request


class OwnFiles:
    """Journal and destination of a job, and what it needs if its objects are deleted.

    Args:
        request: that of the job.

    """

    def __init__(self, request: Request) -> None:
        files = {} if request.journal is None else {request.journal + end: "the journal" for end in SUFFIXES}
        self._folders: dict[str, str] = {}
        for place, role in (request.destination, "the destination"), (request.failed, "--failed"):
            if place is not None and is_local(place):
                if role == "the destination" and is_one_file(place):
                    files[place] = role
                else:
                    self._folders[f"{absolute(place)}/"] = role
        if request.delete_source:
            files |= {path: "the configuration" for path in (request.configuration,) if path is not None}
            files |= {path: "the list of objects" for path in (list_of(request.source),) if path is not None}
        self._files = {real(path): role for path, role in files.items()}

    def check(self, place: str) -> None:
        """Refuse an object that is one of the files, also through links.

        Args:
            place: path or URL of the object.

        Raises:
            UsageError: it is one of them, or a link into a folder that the job writes to.

        """
        if place == "-" or place.startswith("s3://"):
            return
        path = real(place)
        role = self._files.get(path)
        if role is None and path != place:
            role = next((role for folder, role in self._folders.items() if path.startswith(folder)), None)
        if role is not None:
            through = "" if path == place else f", a link to {display_path(path)},"
            raise UsageError(
                f"{display_path(place)}{through} cannot be read, since it belongs to {role} of the job: name "
                "another SOURCE, or another place for it"
            )
