"""Runs the program for long: eight sensors with faults, recorder, pipeline, window offscreen, sound's null device.

``python benchmarks/soak.py --minutes 30`` in real time; ``--speed 8`` delivers packets that much faster, so that the
same session takes less. The session is one set after another, links lose, repeat, stall and break. Told are entries
delivered and read back from the recording, what was dropped on the way, memory at the start and the end with its
slope, and the delay from due to told in the first and the last tenth. Fails (exit 1) where an entry or event was
dropped, memory grows by more than ``--slope`` MB per hour of session (its least-squares line over the second half), or
the delay has grown.

The session is made first, by a process of its own, and read from its file; the delay at high speed is told but not
judged. Linux (memory is read from /proc).
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from paced import StampedBridge, entries_of, hush_qt, script_ns
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

import firmware_sim
from emgmon.live import session
from emgmon.live.sound import SoundSettings, open_playback
from emgmon.model import Entry, Mark, Packet
from emgmon.runner.live import Taking
from emgmon.storage.recorder import Recorder, write_recording
from emgmon.storage.recording import read_recording
from firmware_sim.faults import Faults, Window

EMG_HZ = 1000
REPS = 12
DIFFERENT_SETS = 4
"""So many are simulated, and come again in turn."""
LOOK_S = 2.0
"""Wall time between two looks at memory and delay."""
PAGES = ("Train", "Signals")
PAGE_S = 20.0
LEAST_MINUTES = 10.0
"""A shorter session says nothing about growth: it is still being filled."""
GROWN_MS = 20.0
"""The median delay of the last tenth may exceed that of the first by this."""


def faults(duration_s: float) -> Faults:
    """All that goes wrong in one set of `duration_s`."""
    return Faults(
        loss_share=0.01,
        loss_burst=3.0,
        duplicate_share=0.002,
        corrupt_share=0.001,
        truncate_share=0.001,
        outages=(Window("EMG-HL", 0.45 * duration_s, 4.0), Window("EMG-ER", 0.7 * duration_s, 2.0)),
        stalls=(Window("EMG-GR", 0.6 * duration_s, 0.8),),
        lifted=(Window("EMG-EL", 0.8 * duration_s, 3.0),),
    )


@cache
def one_set(number: int) -> tuple[Entry, ...]:
    """Entries of one set with its reference contractions; made once, as simulating costs more than what is measured."""
    script = firmware_sim.bridges(REPS, seed=number)
    return tuple(entries_of(script, EMG_HZ, seed=1, faults=faults(script.duration_s)))


def long_session(minutes: float) -> Iterator[Entry]:
    """Yield set after set as one session: later ones follow in time, sensors are connected anew in each."""
    shift_ns, set_number, length_ns = 0, 0, round(minutes * 60e9)
    while shift_ns < length_ns:
        newest_ns = 0
        for entry in one_set(set_number % DIFFERENT_SETS):
            newest_ns = entry.host_ns
            if not (set_number and isinstance(entry, Mark) and entry.kind == "session"):
                yield replace(entry, host_ns=entry.host_ns + shift_ns)
            if newest_ns + shift_ns - script_ns(0.0) > length_ns:
                return
        shift_ns += newest_ns - script_ns(-2.0) + 1_000_000_000
        set_number += 1


@dataclass(slots=True)
class Watch:
    """What is looked at while it runs.

    Attributes
    ----------
    looks : list of (float, float)
        Wall time and resident memory, MB.
    late_s : array of float
        How late an entry's events were told, in their order.
    delivered : int
    """

    looks: list[tuple[float, float]] = field(default_factory=list)
    late_s: array[float] = field(default_factory=lambda: array("d"))
    delivered: int = 0
    packets: int = 0

    def look(self) -> None:
        """Read the memory."""
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        self.looks.append((time.perf_counter(), pages * resource.getpagesize() / 1e6))


def make(path: Path, minutes: float) -> None:
    """Write a long session, in a process whose memory is gone afterwards."""
    command = [sys.executable, __file__, "--make", str(path), "--minutes", str(minutes)]
    subprocess.run(command, check=True)  # noqa: S603 - this very script


async def deliver(session_path: Path, speed: float, taking: Taking, bridge: Any, watch: Watch, stop: Any) -> None:
    """Deliver a recorded session at its pace times `speed`."""
    began_s, first_ns = time.perf_counter(), None
    for entry in read_recording(session_path):
        first_ns = entry.host_ns if first_ns is None else first_ns
        bridge.due_s = began_s + (entry.host_ns - first_ns) * 1e-9 / speed
        wait_s = bridge.due_s - time.perf_counter()
        if wait_s > 0.0:
            await asyncio.sleep(wait_s)
        if stop.is_set():
            return
        taking.take(entry)
        watch.delivered += 1
        watch.packets += isinstance(entry, Packet)
        if watch.delivered % 50 == 0:
            watch.late_s.append(time.perf_counter() - bridge.due_s)


def soak(session_path: Path, speed: float) -> dict[str, float]:
    """Run one session; returns what was found."""
    watch, bridge = Watch(), StampedBridge()
    read_back: list[int] = []
    takings: list[Taking] = []

    def work(_bridge: Any, stop: threading.Event) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "soak.mcap"
            with Recorder(path) as recorder:
                taking = Taking(recorder.append, bridge.push)
                takings.append(taking)
                asyncio.run(deliver(session_path, speed, taking, bridge, watch, stop))
                taking.check()
            read_back.append(sum(1 for _entry in read_recording(path)))

    made = session.Session(
        work, title="soak", recording=True, theme="dark", exit_when_done=True, sound=SoundSettings("full")
    )
    assert made.player is not None
    made.player._open = lambda samples, _null: open_playback(samples, null=True)  # noqa: SLF001 - no card is needed
    bridge._also = made.player.push  # noqa: SLF001 - as the session's own bridge has it
    made.bridge = made.window.bridge = bridge
    made.window.resize(1920, 1080)
    looking, paging, page = QTimer(), QTimer(), [0]

    def look() -> None:
        watch.look()
        bridge.painted()

    def turn() -> None:
        page[0] += 1
        made.window.show_page(PAGES[page[0] % len(PAGES)])

    looking.timeout.connect(look)
    paging.timeout.connect(turn)
    looking.start(round(1e3 * LOOK_S))
    paging.start(round(1e3 * PAGE_S))
    gc.collect()
    began_s, cpu_s = time.perf_counter(), time.process_time()
    made.run()
    wall_s = time.perf_counter() - began_s
    summary = takings[0].pipeline.summary()
    return {
        "wall_s": wall_s,
        "cpu_share": (time.process_time() - cpu_s) / wall_s,
        "entries": watch.delivered,
        "read_back": read_back[0],
        "packets": watch.packets,
        "dropped_by_bridge": bridge.dropped,
        "dropped_by_sound": made.player.dropped,
        "sets": len(summary.sets),
        "reps": sum(len(done.reps) for done in summary.sets),
        **_memory(watch),
        **_lateness(watch),
    }


def _memory(watch: Watch) -> dict[str, float]:
    at_s, mb = np.array(watch.looks).T
    half = at_s > at_s[0] + 0.5 * (at_s[-1] - at_s[0])
    slope = float(np.polyfit(at_s[half], mb[half], 1)[0]) if half.sum() > 2 else float("nan")
    tenth = max(1, len(mb) // 10)
    return {
        "mb_first_tenth": float(np.median(mb[:tenth])),
        "mb_last_tenth": float(np.median(mb[-tenth:])),
        "mb_per_wall_hour": 3600.0 * slope,
    }


def _lateness(watch: Watch) -> dict[str, float]:
    late_ms = 1e3 * np.array(watch.late_s)
    tenth = max(1, len(late_ms) // 10)
    return {
        "late_ms_first_tenth": float(np.median(late_ms[:tenth])),
        "late_ms_last_tenth": float(np.median(late_ms[-tenth:])),
        "late_ms_p99": float(np.percentile(late_ms, 99)),
        "late_ms_most": float(late_ms.max()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=30.0, help="of the session (default 30)")
    length.add_argument("--hours", type=float)
    parser.add_argument("--speed", type=float, default=1.0, help="times real time (default 1)")
    parser.add_argument("--slope", type=float, default=20.0, help="MB per hour of session that memory may grow")
    parser.add_argument("--make", type=Path, help="only write the session to this file")
    options = parser.parse_args()
    minutes = 60.0 * options.hours if options.hours else options.minutes
    if options.make:
        write_recording(options.make, long_session(minutes))
        return 0
    hush_qt()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.mcap"
        make(path, minutes)
        found = soak(path, options.speed)
    application.processEvents()
    found["mb_per_session_hour"] = found.pop("mb_per_wall_hour") * found["wall_s"] / (60.0 * minutes)
    for name, value in found.items():
        print(f"{name}: {value:.6g}")
    wrong = []
    if found["entries"] != found["read_back"]:
        wrong.append("the recording holds another number of entries than were delivered")
    if found["dropped_by_bridge"] or found["dropped_by_sound"]:
        wrong.append("events were dropped")
    if minutes < LEAST_MINUTES:
        print(f"{minutes:g} minutes are too short to judge memory: the first sets fill what is kept of a set")
    elif found["mb_per_session_hour"] > options.slope:
        wrong.append("memory grows")
    if options.speed == 1.0 and found["late_ms_last_tenth"] > found["late_ms_first_tenth"] + GROWN_MS:
        wrong.append("the delay grows")
    print("\n".join(wrong) or "well")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
