"""Streams of Lab Streaming Layer: real outlets and inlets on this computer."""

import asyncio
import contextlib
import json
import time
from dataclasses import replace

import numpy as np
import pytest

from emgmon.cli import FAILED, main
from emgmon.errors import DeviceError
from emgmon.model import Mark, Packet, Placement
from emgmon.pipeline import Pipeline
from emgmon.runner import run
from emgmon.sources import lsl
from emgmon.sources.lsl import Inlet, LslStream, entries_of, heard, placed
from emgmon.sources.lsl_outlets import Outlets
from emgmon.storage.recording import read_recording

pylsl = pytest.importorskip("pylsl", reason="the extra 'lsl' is not installed")

GLUTES = (Placement("gluteus_maximus", "left"), Placement("gluteus_maximus", "right"))


def outlet(name, channels=2, fs_hz=1000.0, kind="EMG", unit="millivolts", labels=()):
    info = pylsl.StreamInfo(name, kind, channels, fs_hz, "float32", name)
    described = info.desc().append_child("channels")
    for k in range(channels):
        channel = described.append_child("channel")
        channel.append_child_value("label", labels[k] if labels else f"c{k}")
        channel.append_child_value("unit", unit)
    return pylsl.StreamOutlet(info)


def one(name):
    return next(item for item in heard(1.0) if item.name == name)


def test_a_stream_is_heard_with_its_labels_and_units():
    sender = outlet("emgmon-test-heard", labels=("gluteus_maximus/left", "x"))
    found = one("emgmon-test-heard")
    assert (found.channels, found.fs_hz, found.quantity) == (2, 1000.0, "emg")
    assert found.units == ("millivolts", "millivolts")
    assert placed(found, None) == (GLUTES[0], None)
    assert placed(found, GLUTES) == GLUTES
    del sender


@pytest.mark.slow
def test_samples_arrive_in_microvolts_and_a_gap_is_lost_samples():
    """A sample carries its own number; four hundred are left out on the way."""
    sender = outlet("emgmon-test-gap")
    entries = []

    async def send(began_s):
        """Each block when its last sample is due."""
        for first in [*range(0, 2000, 100), *range(2400, 3000, 100)]:
            await asyncio.sleep(max(0.0, began_s + (first + 100) * 1e-3 - pylsl.local_clock()))
            block = np.repeat(np.arange(first, first + 100)[:, None], 2, axis=1).astype(np.float32)
            sender.push_chunk(block, began_s + (first + 99) * 1e-3)

    async def session():
        inlet = Inlet(one("emgmon-test-gap"), GLUTES, time.monotonic_ns)
        async with contextlib.aclosing(entries_of([inlet])) as coming:
            async for entry in coming:
                entries.append(entry)
                if isinstance(entry, Packet) and entry.port == lsl.imported.DESCRIPTION:
                    sending = asyncio.create_task(send(pylsl.local_clock()))
                elif isinstance(entry, Packet) and np.frombuffer(entry.payload[20:], "<f8")[-1] >= 2999e3:
                    await sending
                    return

    asyncio.run(asyncio.wait_for(session(), 20.0))
    assert [e.kind for e in entries[:2] if isinstance(e, Mark)] == ["device", "connected"]
    pipeline = Pipeline()
    pipeline.feed(Mark(entries[0].host_ns, "session", {}))
    for entry in entries:
        pipeline.feed(entry)
    pipeline.close()
    (first, _second) = pipeline.summary().channels
    begun = int(np.frombuffer(next(e for e in entries if getattr(e, "port", "") == "0").payload[20:], "<f8")[0] / 1e3)
    assert begun < 1500, "what lay in the queue before the inlet had settled is left out"
    assert (first.unit, first.samples, first.lost) == ("uv", 3000 - 400 - begun, 400)


@pytest.mark.parametrize(
    ("kind", "channels", "fs_hz", "quantity"),
    [
        ("EMG", 8, 200.0, "emg"),
        ("Envelope", 1, 50.0, "envelope"),
        ("ACC", 3, 100.0, "acceleration"),
        ("IMU", 6, 100.0, "imu"),
        ("Markers", 1, 0.0, ""),
        ("EEG", 32, 500.0, ""),
        ("IMU", 9, 100.0, ""),
    ],
)
def test_what_a_stream_is_used_for(kind, channels, fs_hz, quantity):
    assert LslStream("x", kind, "here", channels, fs_hz).quantity == quantity


def test_more_places_than_channels_are_refused():
    stream = LslStream("x", "EMG", "here", 1, 1000.0)
    with pytest.raises(DeviceError, match="x: 2 places for 1 channel"):
        placed(stream, GLUTES)
    assert placed(replace(stream, channels=3), GLUTES) == (*GLUTES, None)


def test_without_the_library_one_line_says_what_to_do(monkeypatch, capsys):
    monkeypatch.setattr(lsl, "import_module", lambda _name: (_ for _ in ()).throw(ImportError("no pylsl")))
    assert main(["lsl", "list"]) == FAILED
    assert "pip install '.[lsl]'" in capsys.readouterr().err


def test_nothing_heard_is_one_line(monkeypatch, capsys):
    monkeypatch.setattr("emgmon.cli.lsl.heard", lambda _wait_s: [])
    assert main(["lsl", "list", "--wait", "0.1"]) == FAILED
    assert "No stream was heard within 0.1 s" in capsys.readouterr().err


@pytest.mark.slow
def test_what_a_session_found_is_heard_by_others(request):
    """Repetitions as markers, filtered EMG and levels, from a shipped recording."""
    recording = read_recording(request.config.rootpath / "recordings" / "bridges-clean.mcap")
    sink = Outlets()
    (markers,) = pylsl.resolve_byprop("name", "emgmon markers", timeout=5.0)
    inlet = pylsl.StreamInlet(markers, max_buflen=3600)
    inlet.open_stream(timeout=5.0)
    run(recording, Pipeline(), sink)
    texts, until_s = [], time.monotonic() + 10.0
    while not any(text.startswith("set_stop") for text in texts) and time.monotonic() < until_s:
        samples, _stamps = inlet.pull_chunk(timeout=0.2)
        texts += [sample[0] for sample in samples]
    reps = [json.loads(text.partition(" ")[2]) for text in texts if text.startswith("rep ")]
    assert [rep["rep"] for rep in reps] == [1, 2, 3, 4, 5, 6]
    assert all(0.2 < rep["share_glute"] < 0.7 for rep in reps)
    names = {item.name for item in heard(1.0)}
    assert {"emgmon EMG GL", "emgmon EMG ER", "emgmon levels", "emgmon shares"} <= names
    inlet.close_stream()


@pytest.mark.slow
def test_one_set_is_recorded_by_the_command(tmp_path, capsys):
    """A stream whose labels say where it sits: rest, set, recording; the file alone gives the same channels."""
    sender = outlet("emgmon-test-set", labels=tuple(map(str, GLUTES)))
    rng, path = np.random.default_rng(1), tmp_path / "lsl.mcap"

    async def both():
        command = ["lsl", "record", "--out", str(path), "--rest", "1", "--seconds", "4", "--wait", "1", "--json"]
        running = asyncio.create_task(asyncio.to_thread(main, command))
        while not running.done():
            sender.push_chunk((0.01 * rng.standard_normal((50, 2))).astype(np.float32))
            await asyncio.sleep(0.05)
        return await running

    assert asyncio.run(both()) == 0
    summary = json.loads(capsys.readouterr().out)
    assert [channel["placement"] for channel in summary["channels"]] == list(map(str, GLUTES))
    assert all(channel["samples"] > 2000 for channel in summary["channels"])
    kinds = [entry.kind for entry in read_recording(path) if isinstance(entry, Mark)]
    assert kinds == [
        "session",
        "exercise",
        "device",
        "connected",
        "baseline_start",
        "baseline_stop",
        "set_start",
        "set_stop",
    ]
