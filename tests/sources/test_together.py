"""Streams of Lab Streaming Layer as sensors of a live session: real outlets on this computer."""

import asyncio
import contextlib
import itertools
import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from emgmon.cli import main
from emgmon.errors import BluetoothUnavailable, DeviceError, DeviceNotFound
from emgmon.model import Mark
from emgmon.sources import together
from emgmon.sources.ble import Radio
from emgmon.sources.together import Sources, scan_both
from emgmon.storage.recording import read_recording

pylsl = pytest.importorskip("pylsl", reason="the extra 'lsl' is not installed")

RADIO = Radio(time.monotonic_ns)
FS_HZ = 500.0
SCRIPT = "until recording\npain 0\nset 1\nwait 7\nstop\nuntil idle\nfinish\n"


@contextlib.contextmanager
def sending(name, labels=(), kind="EMG"):
    """Send noise in real time from a thread, as long as `go` is set."""
    info = pylsl.StreamInfo(name, kind, 2, FS_HZ, "float32", f"source of {name}")
    channels = info.desc().append_child("channels")
    for k in range(2):
        channel = channels.append_child("channel")
        channel.append_child_value("label", labels[k] if labels else "")
        channel.append_child_value("unit", "microvolts")
    go, end = threading.Event(), threading.Event()
    go.set()
    rng = np.random.default_rng(1)

    def send(outlet):
        while not end.wait(0.02):
            if go.is_set():
                outlet.push_chunk(rng.normal(0.0, 40.0, (10, 2)).astype(np.float32), pylsl.local_clock())

    thread = threading.Thread(target=send, args=(pylsl.StreamOutlet(info),))
    thread.start()
    try:
        yield go
    finally:
        end.set()
        thread.join()


@pytest.fixture(autouse=True)
def _no_bluetooth(monkeypatch):
    async def scan(_radio, _length_s):
        raise BluetoothUnavailable("No Bluetooth: there is none in this test.")

    monkeypatch.setattr(together, "scan", scan)


def _kind(entry):
    return entry.kind if isinstance(entry, Mark) else entry.port


def found(*names):
    return asyncio.run(scan_both(RADIO, 1.0, names))


def test_streams_are_found_where_there_is_no_bluetooth():
    with sending("emgmon-test-one"), sending("emgmon-test-two"), sending("emgmon-test-notes", kind="Notes"):
        names = {item.name for item in found()}
        assert {"emgmon-test-one", "emgmon-test-two"} <= names
        assert "emgmon-test-notes" not in names
        assert [item.name for item in found("emgmon-test-two")] == ["emgmon-test-two"]


def test_with_neither_the_reason_is_said():
    with pytest.raises(BluetoothUnavailable, match="none in this test"):
        found("emgmon-test-nobody")


def test_a_stream_that_left_is_not_waited_for_forever(monkeypatch):
    def gone(_inlet):
        raise DeviceNotFound("x: the stream does not answer any more.")

    with sending("emgmon-test-left"):
        (item,) = found("emgmon-test-left")
        monkeypatch.setattr(together.Inlet, "open", gone)
        told = []

        async def session():
            async with Sources(RADIO, None, told.append).streaming([item]):
                pytest.fail("it cannot stream")

        with pytest.raises(DeviceNotFound, match="emgmon-test-left"):
            asyncio.run(session())
    assert [entry.kind for entry in told] == ["trouble"]


@pytest.mark.slow
def test_a_silent_stream_is_lost_and_told_again_when_it_speaks(monkeypatch):
    monkeypatch.setattr(together, "SILENT_S", 0.4)
    told = []

    async def until(kind, count):
        for _ in range(2000):
            if [_kind(entry) for entry in told].count(kind) >= count:
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"{kind} did not come")

    async def session(go, item):
        sources = Sources(RADIO, None, told.append)
        async with sources.streaming([item]) as ready:
            assert ready == ["emgmon-test-silent"]
            with pytest.raises(DeviceError, match="cannot show itself"):
                await sources.identify("emgmon-test-silent")
            await until("0", 1)
            go.clear()
            await until("lost", 1)
            go.set()
            await until("started", 2)

    with sending("emgmon-test-silent") as go:
        (item,) = found("emgmon-test-silent")
        asyncio.run(session(go, item))
    kinds = [_kind(entry) for entry in told]
    order = [kind for k, kind in enumerate(kinds) if k == 0 or kinds[k - 1] != kind]
    expected = ["device", "connected", "description", "started", "0", "lost", "connected", "description", "started"]
    assert order[: len(expected)] == expected
    assert all(a.host_ns <= b.host_ns for a, b in itertools.pairwise(told))


@pytest.mark.slow
@pytest.mark.system
def test_a_session_with_streams_alone(tmp_path, capsys):
    """Placed by its own labels and by the command line; recorded, analysed, and the same when read again."""
    script = tmp_path / "script.txt"
    script.write_text(SCRIPT)
    glutes, legs = ("gluteus_maximus/left", "gluteus_maximus/right"), ("biceps_femoris/left", "biceps_femoris/right")
    files = ["--out", str(tmp_path), "--place-file", str(tmp_path / "p.toml"), "--script", str(script)]
    with sending("emgmon-test-hips", glutes), sending("emgmon-test-legs"):
        asked = ["--lsl", "emgmon-test-hips", "emgmon-test-legs", "--place", f"emgmon-test-legs={','.join(legs)}"]
        assert main(["live", "--headless", "--json", "--seconds", "1", "--no-store", *files, *asked]) == 0
    printed = capsys.readouterr()
    summary = json.loads(printed.out)
    assert {channel["placement"] for channel in summary["channels"]} == {*glutes, *legs}
    assert all(channel["unit"] == "uv" and channel["samples"] > FS_HZ for channel in summary["channels"])
    assert len(summary["sets"]) == 1
    (path,) = Path(tmp_path).glob("*.mcap")
    started = {entry.data["device"] for entry in read_recording(path) if _kind(entry) == "started"}
    assert started == {"emgmon-test-hips", "emgmon-test-legs"}
    assert main(["analyse", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == summary


def test_a_name_that_nobody_bears_is_said(tmp_path, capsys):
    with sending("emgmon-test-there"):
        asked = ["--lsl", "emgmon-test-there", "emgmon-test-missing", "--out", str(tmp_path)]
        assert main(["live", "--headless", "--seconds", "1", "--place-file", str(tmp_path / "p.toml"), *asked]) == 1
    assert "emgmon-test-missing: no such stream was heard" in capsys.readouterr().err
