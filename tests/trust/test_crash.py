"""A recording process that is killed, stopped for a while, or loses its power; ``benchmarks/crash.py`` does more."""

import importlib.util
import random
import signal
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from emgmon.model import Packet
from emgmon.storage.recording import PART_SUFFIX, read_recording

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")]
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def crash():
    """The benchmark as a module."""
    sys.path.insert(0, str(BENCHMARKS))
    spec = importlib.util.spec_from_file_location("crash", BENCHMARKS / "crash.py")
    module = sys.modules["crash"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_kill_and_power_cut_lose_at_most_a_second_and_say_so(crash, tmp_path):
    found = crash.kills(6, 4.0, 2, tmp_path)
    assert len(found) == 4
    assert not [wrong for runs in found.values() for _lost_s, wrong in runs if wrong]


def test_the_table_would_tell_a_loss_and_a_wrong_entry(crash, tmp_path):
    """The check of the check: what a second is missing from, and what is not what was sent, is told."""
    sent, path = tmp_path / "sent.mcap", tmp_path / "x.mcap"
    crash.session(sent, 300)
    packets = [entry for entry in read_recording(sent) if isinstance(entry, Packet)]
    child = crash.Child(None, [entry.host_ns for entry in packets])
    with sent.open("rb") as stream:
        content = stream.read()
    child.handed_ns.append(packets[-1].host_ns + 1_100_000_000)
    _lost_s, wrong = crash._lost(path, content, child, packets)
    assert "not said to be incomplete" in " ".join(wrong)
    assert "is not what was sent" in " ".join(wrong)
    assert "s lost" in " ".join(wrong)


def test_a_process_that_sleeps_with_its_computer_goes_on_and_loses_nothing(crash, tmp_path):
    """SIGSTOP and SIGCONT: what a suspended computer does to a process."""
    sent, path = tmp_path / "sent.mcap", tmp_path / "x.mcap"
    crash.session(sent, 2000)
    packets = [entry for entry in read_recording(sent) if isinstance(entry, Packet)]
    timers = []

    def asleep(child):
        timers.append(threading.Timer(1.0, child.process.send_signal, [signal.SIGSTOP]))
        timers.append(threading.Timer(3.0, child.process.send_signal, [signal.SIGCONT]))
        for timer in timers:
            timer.start()

    child = crash.killed(sent, path, 1.0, 5.0, asleep)
    part = path.with_suffix(PART_SUFFIX)
    (_lost_s, wrong), *_others = crash.losses(part, child, packets, random.Random(1)).values()  # noqa: S311
    assert not wrong
    assert max(b - a for a, b in pairwise(child.handed_ns)) > 1_500_000_000, "it did not sleep"
