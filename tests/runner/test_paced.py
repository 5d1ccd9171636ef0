"""A replay keeps the pace, goes to a moment without waiting, and shows from there on."""

import threading
import time

import numpy as np
import pytest

from emgmon.cli import main
from emgmon.model import DeviceChanged, Mark, Notice, Placement, SignalSeen
from emgmon.runner import paced, shown_from
from emgmon.storage.recorder import write_recording

MARKS = [Mark(10**12 + k * 10**8, "note", {"k": k}) for k in range(31)]


def seconds(speed, from_s=0.0):
    began_s = time.monotonic()
    assert list(paced(MARKS, speed, threading.Event(), from_s)) == MARKS
    return time.monotonic() - began_s


def test_pace_is_that_of_the_recording_times_speed():
    assert 0.29 <= seconds(10.0) < 0.6
    assert seconds(float("inf")) < 0.1


def test_what_comes_before_the_moment_is_not_waited_for():
    assert 0.09 <= seconds(10.0, from_s=2.0) < 0.3
    assert seconds(1.0, from_s=100.0) < 0.1


def test_stop_ends_it_at_once():
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    began_s = time.monotonic()
    assert len(list(paced(MARKS, 0.01, stop))) == 1
    assert time.monotonic() - began_s < 1.0


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
def test_replay_from_a_moment_gives_the_same_numbers(entries, tmp_path, capsys):
    path = tmp_path / "set.mcap"
    write_recording(path, entries)
    printed = []
    for more in ((), ("--from", "55")):
        assert main(["replay", str(path), "--headless", "--speed", "max", "--json", *more]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert main(["replay", str(path), "--headless", "--from", "900"]) == 1
    assert "nothing from 900 s on; it is " in capsys.readouterr().err
