"""What all tests share: the simulated set as entries, and the folder of real recordings."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

from simulated import entries_of, events_of, script_of

REPS = 6

settings.register_profile("emgmon", deadline=None, derandomize=True)
settings.load_profile("emgmon")  # no verdict by the clock, and the same examples every time


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write the golden summaries anew; review the diff")


@pytest.fixture(scope="session", autouse=True)
def _own_store(tmp_path_factory):
    """No test writes into the sessions of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMGMON_STORE", str(tmp_path_factory.mktemp("store") / "sessions.db"))
        yield


@pytest.fixture(scope="session")
def script():
    return script_of(REPS, seed=3)


@pytest.fixture(scope="session")
def entries(script):
    """A clean set of six bridges, as entries."""
    return entries_of(script, seed=3)


@pytest.fixture(scope="session")
def told(entries):
    """All events of the clean set, and its summary."""
    return events_of(entries)


@pytest.fixture(scope="session")
def summary(told):
    return told[1]


@pytest.fixture(scope="session")
def realdata():
    """Folder of real human recordings that lies beside the project where they are at hand."""
    folder = Path(__file__).parents[2] / "shared" / "realdata"
    if not folder.is_dir():
        pytest.skip("the real recordings are not here")
    return folder
