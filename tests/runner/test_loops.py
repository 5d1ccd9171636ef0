"""Compiled loops are loaded where they are worth it: at once for a long recording, after a while for anything else."""

import threading
from pathlib import Path

import pytest

from emgmon.dsp import compiled
from emgmon.model import Packet, PacketRun
from emgmon.runner import analyse
from emgmon.runner.loops import PACKET_BYTES, load_beside, load_for, worth
from emgmon.storage.recording import read_recording

RECORDINGS = Path(__file__).parents[2] / "recordings"


@pytest.fixture
def loaded(monkeypatch):
    """Times at which the loops would be loaded; nobody has asked for them yet."""
    times = []

    def load():
        times.append(compiled._loops.taken)
        compiled._loops.asked = compiled._loops.coming = True

    compiled.forget()
    monkeypatch.setattr(compiled, "load", load)
    yield times
    compiled.forget()


def packets(n):
    return PacketRun.of([Packet("a", "b", k, b"c") for k in range(n)])


def test_a_short_recording_is_analysed_without(loaded):
    analyse(read_recording(RECORDINGS / "bridges-clean.mcap"))
    assert loaded == []
    assert compiled.kernel() is None
    assert compiled._loops.taken > 10_000


def test_a_long_recording_loads_them_first(loaded, tmp_path):
    path = tmp_path / "long.mcap"
    path.write_bytes(bytes(compiled.WORTH_PACKETS * PACKET_BYTES - 1))
    load_for(path)
    assert loaded == []
    with path.open("ab") as file:
        file.write(b"\0")
    load_for(path)
    load_for(path)
    assert loaded == [compiled.WORTH_PACKETS]


def test_a_recording_that_is_not_there_loads_nothing(loaded, tmp_path):
    load_for(tmp_path / "gone.mcap")
    load_for(tmp_path)
    assert loaded == []


def test_many_short_ones_load_them_once_they_would_have_paid(loaded, monkeypatch):
    monkeypatch.setattr(compiled, "WORTH_PACKETS", 100)
    parts = [packets(60), Packet("a", "b", 0, b"c")]
    assert list(worth(parts)) == parts
    assert loaded == []
    assert list(worth(parts)) == parts
    assert loaded == [121]
    list(worth(parts))
    assert loaded == [121]


def test_a_session_loads_them_whatever_was_analysed_before(loaded):
    list(worth([packets(3)]))
    before = threading.active_count()
    load_beside()
    for thread in threading.enumerate():
        if thread.name == "emgmon-loops":
            thread.join()
    assert loaded == [3]
    load_beside()
    assert threading.active_count() <= before
    assert loaded == [3]
