from __future__ import annotations

from typing import Any

import pytest

from edgelift.errors import EdgeliftError
from edgelift.simulate import Settings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"buffer_mb": 0.1}, "buffer_mb must be 0.2 to 3, not 0.1"),
        ({"buffer_mb": 3.1}, "buffer_mb must be 0.2 to 3, not 3.1"),
        ({"buffer_mb": float("nan")}, "buffer_mb must be 0.2 to 3, not nan"),
        ({"interval": 901}, "interval must be 0 to 900, not 901"),
        ({"retry_seconds": 7201}, "retry_seconds must be 0 to 7200, not 7201"),
        ({"rate": 0}, "rate must be 0.001 to 10000000, not 0"),
        ({"shards": 0}, "shards must be 1 to 10000, not 0"),
        (
            {"rotation": "daily"},
            "rotation must be NoRotation or OneHour or OneDay or OneWeek or OneMonth, not 'daily'",
        ),
        (
            {"backup_mode": "AllEvents"},
            "backup_mode must be FailedDocumentsOnly or AllDocuments, not 'AllEvents'",
        ),
    ],
)
def test_what_aws_does_not_allow_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(EdgeliftError) as caught:
        Settings(**settings)
    assert str(caught.value) == message


def test_an_unknown_setting_is_refused() -> None:
    settings: dict[str, Any] = {"intervall": 1}
    with pytest.raises(TypeError, match="intervall"):
        Settings(**settings)
