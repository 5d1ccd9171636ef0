"""A replay keeps the pace, goes to a moment without waiting, and shows from there on."""

import math
import threading

import numpy as np
import pytest
from simulated import entries_of, script_of

from emgmon import runner
from emgmon.cli import main
from emgmon.model import DeviceChanged, Mark, Notice, Placement, SignalSeen
from emgmon.runner import paced, shown_from
from emgmon.storage.recorder import write_recording

MARKS = [Mark(10**12 + k * 10**8, "note", {"k": k}) for k in range(31)]


class Clock(threading.Event):
    """A stop that keeps the time: waiting takes no time and moves the clock on; it is set at `until_s`, if at all."""

    def __init__(self, monkeypatch, until_s=math.inf):
        super().__init__()
        self.now_s, self.until_s = 50.0, until_s
        monkeypatch.setattr(runner.time, "monotonic", lambda: self.now_s)

    def wait(self, timeout=None):
        self.now_s += timeout
        if self.now_s >= 50.0 + self.until_s:
            self.set()
        return self.is_set()


def seconds(monkeypatch, speed, from_s=0.0):
    stop = Clock(monkeypatch)
    assert list(paced(MARKS, speed, stop, from_s)) == MARKS
    return stop.now_s - 50.0


@pytest.mark.parametrize(("speed", "length_s"), [(1.0, 3.0), (10.0, 0.3), (0.5, 6.0), (float("inf"), 0.0)])
def test_pace_is_that_of_the_recording_times_speed(monkeypatch, speed, length_s):
    assert seconds(monkeypatch, speed) == pytest.approx(length_s)


@pytest.mark.parametrize(("speed", "from_s", "length_s"), [(10.0, 2.0, 0.1), (1.0, 2.9, 0.1), (1.0, 100.0, 0.0)])
def test_what_comes_before_the_moment_is_not_waited_for(monkeypatch, speed, from_s, length_s):
    assert seconds(monkeypatch, speed, from_s) == pytest.approx(length_s)


def test_stop_ends_it_at_once(monkeypatch):
    stop = Clock(monkeypatch, until_s=0.5)
    assert list(paced(MARKS, 0.01, stop)) == MARKS[:1]


def test_only_what_flows_is_kept_from_view():
    place = Placement("gluteus_maximus", "left")
    shown = []
    sink = shown_from(shown.extend, 5.0)
    device = DeviceChanged(1.0, "A", "streaming", (place,), None)
    late = SignalSeen(place, 5.0, 0.001, np.zeros(3), "uv")
    sink([Notice(1.0, "early"), device, SignalSeen(place, 4.9, 0.001, np.zeros(3), "uv")])
    sink([Notice(2.0, "early")])
    sink([late, Notice(6.0, "late")])
    assert shown == [device, late, Notice(6.0, "late")]
    assert shown_from(shown.extend, 0.0) == shown.extend


@pytest.mark.slow
def test_replay_from_a_moment_gives_the_same_numbers(tmp_path, capsys):
    path, entries = tmp_path / "set.mcap", entries_of(script_of(2, seed=2), seed=2, sensors=["EMG-GL", "EMG-HL"])
    write_recording(path, entries)
    printed = []
    for more in ((), ("--from", "30")):
        assert main(["replay", str(path), "--headless", "--speed", "max", "--json", *more]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert main(["replay", str(path), "--headless", "--from", "900"]) == 1
    assert "nothing from 900 s on; it is " in capsys.readouterr().err
