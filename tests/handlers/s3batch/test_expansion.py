"""Objects that expand too much: refused by the handler as by a job."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

from edgelift.inputs.damage import FREE_EXPANSION
from tests.handlers.s3batch.conftest import result
from tests.reprocess.conftest import uploaded

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgelift.s3batch import Handler


def test_an_object_that_expands_too_much_leaves_nothing(make: Callable[..., Handler], s3: Any) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
    s3.put_object(Bucket="logs", Key="a.gz", Body=gzip.compress(b"\n" * (FREE_EXPANSION + 1)))
    code, account = result(make(), "a.gz")
    assert code == "PermanentFailure"
    assert account["problem"].startswith("it expands to more than 200 times its size: ")
    assert uploaded(s3) == {}


def test_the_environment_turns_the_expansion_limit_off(make: Callable[..., Handler], s3: Any) -> None:  # noqa: ANN401 - likewise
    s3.put_object(Bucket="logs", Key="a.gz", Body=gzip.compress(b"\n" * (FREE_EXPANSION + 1)))
    code, account = result(make(MAX_EXPANSION="0"), "a.gz")
    assert (code, account["blank"]) == ("Succeeded", FREE_EXPANSION + 1)
