"""Objects among the arguments: ``s3://`` URLs, read as `reprocess` does, and presigned ``https://`` URLs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from edgelift.cli.console import CliExit, ExitCode, shown_name

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from edgelift.cli.presigned import PresignedUrls
    from edgelift.reprocess.objects import LogObject
    from edgelift.reprocess.sources.s3 import S3

_S3 = "s3://"


def is_object(path: str) -> bool:
    """Return true if an argument names an object, and not a file."""
    return path[:5].lower() == _S3 or _is_url(path)


def object_name(place: str) -> str:
    """Return the name of an object for people: without the query of a URL, which may hold a signature."""
    if not _is_url(place):
        return shown_name(place)
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(place)
    except ValueError:
        return f"{place.partition(':')[0]}://…"
    return shown_name(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}")


def _is_url(place: str) -> bool:
    # The case of a scheme has no meaning, and a name that is not known as a URL is shown with its query.
    return place[:8].lower().startswith(("https://", "http://"))


class ObjectOptions(NamedTuple):
    """How objects are reached, as the options of `reprocess` say."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    requester_pays: bool = False


class Objects:
    """The objects of a command; clients are built when the first one is named.

    Raises:
        CliExit: an object cannot be read, or S3 cannot be used.

    """

    def __init__(self, options: ObjectOptions) -> None:
        self._options = options
        self._known: dict[str, LogObject] = {}
        self._s3_store: S3 | None = None
        self._urls_store: PresignedUrls | None = None

    def expand(self, url: str) -> tuple[list[str], bool]:
        """Return the objects that a URL names, and whether it is a prefix or pattern.

        ``s3://bucket/prefix/`` is a prefix, and ``*``, ``?`` and ``[…]`` make a pattern. Any other URL names
        one object.
        """
        if not self.is_listed(url):
            return [url], False
        with _errors(f"cannot list {object_name(url)}"):
            found = {listed.place: listed for listed in self._s3().list(url)}
        self._known.update(found)
        return list(found), True

    @staticmethod
    def is_listed(url: str) -> bool:
        """Return true for a prefix or pattern in S3, which may name several objects."""
        if _is_url(url):
            return False
        from edgelift.reprocess.aws import split_url
        from edgelift.reprocess.sources.s3 import fixed_part

        with _errors():
            _, key = split_url(url)
        return not key or key.endswith("/") or fixed_part(key) != key

    def stat(self, place: str) -> LogObject:
        """Return an object as it was listed, or as it is now if it was not."""
        if place not in self._known:
            with _errors(f"cannot read {object_name(place)}"):
                self._known[place] = self._store(place).stat(place, object_name(place))
        return self._known[place]

    def read(self, place: str) -> Generator[bytes]:
        """Yield the bytes of an object in blocks."""
        wanted = self.stat(place)
        with _errors(f"cannot read {object_name(place)}"):
            yield from self._store(place).read(wanted, lambda: False)

    def _store(self, place: str) -> S3 | PresignedUrls:
        return self._urls() if _is_url(place) else self._s3()

    def _s3(self) -> S3:
        if self._s3_store is None:
            from edgelift.reprocess.aws import AwsOptions
            from edgelift.reprocess.sources.s3 import S3, S3Options

            options = self._options
            aws = AwsOptions(options.profile, options.endpoint_url, options.region)
            self._s3_store = S3(S3Options(aws, options.requester_pays))
        return self._s3_store

    def _urls(self) -> PresignedUrls:
        if self._urls_store is None:
            from edgelift.cli.presigned import PresignedUrls

            self._urls_store = PresignedUrls()
        return self._urls_store


@contextmanager
def _errors(doing: str = "") -> Iterator[None]:
    """Turn errors of a source into those of the command line."""
    from edgelift.reprocess.errors import NothingFoundError, ReprocessError, UsageError

    try:
        yield
    except NothingFoundError as error:
        raise CliExit(ExitCode.SOME_FAILED, str(error)) from None
    except UsageError as error:
        raise CliExit(ExitCode.USAGE, str(error)) from None
    except ReprocessError as error:
        problem = str(error).removeprefix("cannot be read: ").removeprefix(f"{doing}: ")
        raise CliExit(ExitCode.STOPPED, f"{doing}: {problem}") from None
