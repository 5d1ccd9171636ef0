"""The main job over the virtual radio: from an advertisement to a report, and the same from the file."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import firmware_sim
from emgmon.cli import main
from emgmon.devices.base import StreamSettings
from emgmon.exercise.catalogue import packaged
from emgmon.model import Notice, RepClosed
from emgmon.pipeline import Pipeline
from emgmon.report import session_json
from emgmon.runner import analyse, run
from emgmon.runner.live import Live, Session
from emgmon.sources.ble import Radio
from emgmon.storage.recorder import Recorder, write_recording
from emgmon.storage.recording import read_recording
from firmware_sim.virtualtime import run_virtually

pytestmark = [pytest.mark.system, pytest.mark.slow]
SPEED, REPS, SEED = "8", "3", "5"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """One run of the demo as a program: folder, summary printed as JSON, what it said."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "emgmon", "demo", "--headless", "--speed", SPEED, "--reps", REPS, "--seed", SEED]
    done = subprocess.run([*command, "--json", "--out", str(folder)], capture_output=True, text=True, check=True)  # noqa: S603
    (recording,) = folder.glob("*.mcap")
    return recording, json.loads(done.stdout), done.stderr


def test_all_reps_phases_and_the_truth(demo):
    _path, summary, _said = demo
    (done,) = summary["sets"]
    truth = firmware_sim.bridges(int(REPS), seed=int(SEED)).reps
    assert len(done["reps"]) == len(truth)
    for rep, true in zip(done["reps"], truth, strict=True):
        values = {(v["metric"], v["phase"], v["where"]): v["value"] for v in rep["values"]}
        assert values["duration", "hold", "both"] == pytest.approx(true.release_s - true.top_s, abs=0.25)
        assert values["share_glute", "hold", "both"] == pytest.approx(true.share_glute, abs=0.06)
    index = [
        v["value"]
        for rep in done["reps"]
        for v in rep["values"]
        if (v["metric"], v["phase"], v["where"]) == ("sdi", "hold", "both")
    ]
    assert index[-1] > index[0]


def test_nothing_was_lost_on_the_way(demo):
    _path, summary, _said = demo
    assert len(summary["channels"]) == 12
    assert all(channel["lost"] == 0 for channel in summary["channels"])
    assert all(channel["bad_packets"] == 0 for channel in summary["channels"])


def test_report_stands_beside_the_recording_and_is_named(demo):
    path, _summary, said = demo
    report = path.with_suffix(".html")
    page = report.read_text("utf-8")
    assert str(report) in said
    assert "http://" not in page
    assert "https://" not in page
    assert "Simulated" in page


def test_replay_and_analysis_give_the_live_summary_to_the_last_digit(demo, capsys):
    path, summary, _said = demo
    for command in (["analyse", str(path), "--json"], ["replay", str(path), "--speed", "max", "--headless", "--json"]):
        assert main(command) == 0
        assert json.loads(capsys.readouterr().out) == summary
    assert session_json(analyse(read_recording(path))) == summary


def test_live_events_come_again_from_the_file_bit_for_bit(tmp_path, monkeypatch):
    """A session over the radio, then its file: at full speed, and rewritten in chunks of another size."""
    path, live_events = tmp_path / "live.mcap", []

    async def session():
        script = firmware_sim.bridges(1, seed=2)
        async with firmware_sim.open_world(script, seed=2) as world:

            async def person():
                world.begin()
                async for cue in world.cues():
                    yield cue.kind, cue.data

            radio = Radio(world.clock_ns, world.client_kwargs, world.scanner_kwargs)
            plan = Session(radio, packaged()["bridge_2leg"], {"simulated": True}, 6, StreamSettings(packet_s=0.1))
            with Recorder(path) as recorder:
                live = Live(plan, recorder.append, live_events.extend)
                await live.run(person, threading.Event())

    run_virtually(session())
    heard = [event for event in live_events if not isinstance(event, Notice) or "sensors stream" not in event.text]
    assert any(isinstance(event, RepClosed) for event in heard)
    rewritten = tmp_path / "rewritten.mcap"
    monkeypatch.setattr("emgmon.storage.recorder.FLUSH_NS", 70_000_000)
    write_recording(rewritten, read_recording(path))
    for file in (path, rewritten):
        replayed = []
        run(read_recording(file), Pipeline(), replayed.extend)
        assert len(replayed) == len(heard)
        assert all(repr(a) == repr(b) for a, b in zip(replayed, heard, strict=True))


def test_replay_in_a_window_gives_the_same_summary(demo):
    path, summary, _said = demo
    command = [sys.executable, "-m", "emgmon", "replay", str(path), "--speed", "20", "--exit", "--json"]
    window = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=window)  # noqa: S603
    assert json.loads(done.stdout) == summary
    assert "No window" not in done.stderr


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    command = [sys.executable, "-m", "emgmon", "demo", "--headless", "--out", str(tmp_path / "file" / "x")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 1
    assert "cannot be written" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
@pytest.mark.parametrize("after_s", [0.3, 1.5, 4.0])
def test_ctrl_c_at_any_time_keeps_and_reports_the_recording(tmp_path, after_s):
    command = [sys.executable, "-m", "emgmon", "demo", "--headless", "--speed", "8", "--out", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603
    while "Simulated sensors" not in (process.stderr.readline()):
        assert process.poll() is None
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    (recording,) = tmp_path.glob("*.mcap")
    entries = list(read_recording(recording))
    assert entries[0].kind == "session"
    assert recording.with_suffix(".html").exists()
    assert "SIMULATED" in said
