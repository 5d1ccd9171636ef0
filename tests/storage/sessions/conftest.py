"""An empty store."""

import pytest

from emgmon.storage.sessions import open_store


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "sessions.db") as opened:
        yield opened
