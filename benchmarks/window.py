"""Frames, cost and delay of the window: 8 EMG channels of 2000 Hz and 8 IMUs of 100 Hz, in real time, offscreen.

``python benchmarks/window.py`` runs, each for ``--seconds`` (default 20): the signals screen, the training screen, the
same signals as pyqtgraph curves with ``setData``; then what the signals screen costs at 250 to 4000 Hz, and how long
``emgmon demo`` and ``emgmon review`` take from the start of their process to the first painted frame. The threads are
those of a session: asyncio (packets, recorder, pipeline), recorder's file, Qt with its timer. Radio and sensors are
left out: the packets are made before.

Delay is from the moment at which a packet was due to the end of the painting of the first picture that shows it; a
packet that waits because the interpreter is busy has waited. Nothing is said of the screen's own delay.
``--json`` prints numbers, ``--check`` fails where an aim is missed. Linux.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import platform
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph
from paced import CpuWatch, StampedBridge, deliver, entries_of, hush_qt, script_ns
from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from ready import ready

import firmware_sim
from emgmon.live import raw, session, training, window
from emgmon.live.raw import SignalsScreen
from emgmon.live.state import TrainState
from emgmon.model import Entry, Placement, SignalSeen
from emgmon.runner.live import Taking
from emgmon.storage.recorder import Recorder

FS_HZ, SPAN_S = 2000, raw.SPAN_S
SIZE = (1920, 1080)
FROM_S, WARM_S = 19.0, 3.0
"""Script time at which real time begins, in the set; and how long nothing is measured then."""
RATES_HZ = (250, 500, 1000, 2000, 4000)
AIMS = {"raw": {"fps": 50.0, "qt": 0.15}, "train": {"fps": 30.0, "qt": 0.25}}
MEDIAN_MS, P95_MS, READY_S = 15.0, 30.0, 1.5
PLACES = [Placement(m, s) for m in ("gluteus_maximus", "biceps_femoris", "erector_spinae") for s in ("left", "right")]


class Curves(QWidget):
    """The naive view: a pyqtgraph curve of all samples for each channel, given anew each tick."""

    paused = False

    def __init__(self, *_: object) -> None:
        super().__init__()
        self.plots = pyqtgraph.GraphicsLayoutWidget(self)
        self.lines: dict[Placement, Any] = {}
        self.last: dict[Placement, np.ndarray] = {}
        self.count = round(SPAN_S * FS_HZ)

    def resizeEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Fill the page."""
        super().resizeEvent(event)
        self.plots.resize(self.size())

    def set_theme(self, _theme: object) -> None:
        """Look the same in every theme."""

    def take(self, block: SignalSeen) -> None:
        """Keep the newest samples of a channel."""
        if block.placement not in self.lines:
            plot = self.plots.addPlot(row=len(self.lines), col=0)
            self.lines[block.placement] = plot.plot(pen="c")
            self.last[block.placement] = np.zeros(self.count)
        kept = self.last[block.placement]
        self.last[block.placement] = np.concatenate((kept[block.samples.size :], block.samples))

    def refresh(self) -> None:
        """Set all data."""
        for place, line in self.lines.items():
            line.setData(self.last[place])


class Watched:
    """Counts the paintings of one screen and tells how late each packet is seen in them."""

    def __init__(self, bridge: StampedBridge, *, frames: bool) -> None:
        self.bridge, self.frames = bridge, frames
        self.painted_s: list[float] = []
        self.delays_s: list[float] = []
        self.counting = False

    def painted(self) -> None:
        """Note that a painting has ended."""
        now_s = time.perf_counter()
        stamps = self.bridge.painted()
        if self.counting:
            self.painted_s.append(now_s)
            self.delays_s += [now_s - s.due_s for s in stamps if (s.frame if self.frames else s.signal)]


def watch_paintings(kind: type, watched: Watched) -> Any:
    """Let a class of widgets tell when it has painted; returns what it was before."""
    before = kind.paintEvent

    def paintEvent(self: Any, event: Any) -> None:  # noqa: N802 - Qt's name
        before(self, event)
        watched.painted()

    kind.paintEvent = paintEvent
    return before


def measured(view: str, entries: list[Entry], seconds: float) -> dict[str, float]:
    """Run one view for some seconds of real time; returns frames per second, shares of a core and delays in ms."""
    bridge = StampedBridge()
    watched, cpu = Watched(bridge, frames=view == "train"), CpuWatch()
    kind = {"raw": SignalsScreen, "train": training.TrainingScreen, "naive": pyqtgraph.GraphicsView}[view]
    before = watch_paintings(kind, watched)
    shares: dict[str, float] = {}

    def work(_bridge: Any, stop: threading.Event) -> None:
        with tempfile.TemporaryDirectory() as folder, Recorder(Path(folder) / "b.mcap") as recorder:
            taking = Taking(recorder.append, bridge.push)
            asyncio.run(deliver(entries, taking.take, bridge, stop, script_ns(FROM_S)))
            taking.check()

    window.SignalsScreen = Curves if view == "naive" else SignalsScreen
    made = session.Session(work, title="benchmark", recording=True, theme="dark", exit_when_done=True)
    made.bridge = made.window.bridge = bridge
    made.window.resize(*SIZE)
    made.window.show_page("Train" if view == "train" else "Signals")

    def begin() -> None:
        if not watched.painted_s and np.isnan(bridge.due_s):
            QTimer.singleShot(50, begin)  # what came before real time is still being fed
            return
        QTimer.singleShot(round(1e3 * WARM_S), count)

    def count() -> None:
        gc.collect()
        watched.counting = True
        cpu.begin()
        QTimer.singleShot(round(1e3 * seconds), end)

    def end() -> None:
        shares.update(cpu.shares())
        watched.counting = False
        made.stop.set()

    QTimer.singleShot(0, begin)
    try:
        made.run()
    finally:
        kind.paintEvent = before
    assert bridge.dropped == 0, f"{bridge.dropped} events dropped"
    return summed(watched, shares)


def summed(watched: Watched, shares: dict[str, float]) -> dict[str, float]:
    """Make numbers of what was watched."""
    gaps_s, delays_ms = np.diff(watched.painted_s), 1e3 * np.array(watched.delays_s)
    others = shares["process"] - shares["MainThread"] - shares["emgmon-work"]
    return {
        "fps": float(1.0 / gaps_s.mean()),
        "frame_p99_ms": float(1e3 * np.percentile(gaps_s, 99)),
        "qt": shares["MainThread"],
        "qt_ms_per_frame": float(1e3 * shares["MainThread"] * gaps_s.mean()),
        "asyncio": shares["emgmon-work"],
        "others": others,
        "delay_median_ms": float(np.median(delays_ms)),
        "delay_p95_ms": float(np.percentile(delays_ms, 95)),
        "delay_max_ms": float(delays_ms.max()),
        "packets": len(delays_ms),
    }


def cost_by_rate(frames: int = 400) -> dict[int, float]:
    """CPU of one frame of the signals screen, ms, at different rates: 20 ms of eight channels in, painted."""
    application = QApplication.instance()
    places = [*PLACES, Placement("gluteus_medius", "left"), Placement("gluteus_medius", "right")]
    found = {}
    for fs_hz in RATES_HZ:
        screen = SignalsScreen(TrainState())
        screen.resize(*SIZE)
        screen.show()
        noise = np.random.default_rng(1).normal(size=(frames + 100, round(0.02 * fs_hz))) * 60.0
        for k in range(frames + 100):
            if k == 100:  # the scales have settled
                began_s = time.thread_time()
            for place in places:
                screen.take(SignalSeen(place, 0.02 * k, 1.0 / fs_hz, noise[k], "uv"))
            screen.refresh()
            application.processEvents()
        found[fs_hz] = (time.thread_time() - began_s) / frames * 1e3
        screen.close()
    return found


def missed(found: dict[str, Any]) -> list[str]:
    """Say which aims were missed."""
    said = []
    for view, aims in AIMS.items():
        row = found[view]
        if row["fps"] < aims["fps"]:
            said.append(f"{view}: {row['fps']:.1f} frames/s, wanted {aims['fps']:g}")
        if row["qt"] > aims["qt"]:
            said.append(f"{view}: {100 * row['qt']:.0f} % of a core, wanted at most {100 * aims['qt']:g}")
        for name, most in (("delay_median_ms", MEDIAN_MS), ("delay_p95_ms", P95_MS)):
            if row[name] > most:
                said.append(f"{view}: {name} {row[name]:.1f}, wanted at most {most:g}")
    for command, row in found["ready"].items():
        if row["wall_s"] > READY_S:
            said.append(f"{command}: window ready after {row['wall_s']:.2f} s, wanted at most {READY_S:g}")
    by_rate = found["ms_by_rate"]
    if max(by_rate.values()) > 1.5 * min(by_rate.values()):
        said.append(f"the cost of a frame follows the rate: {by_rate}")
    return said


def measure(seconds: float, views: list[str]) -> dict[str, Any]:
    """Run each view for so long; returns their numbers, and the cost of a frame by rate."""
    hush_qt()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    reps = 3 + int((seconds + WARM_S) / 5.0)
    entries = list(entries_of(firmware_sim.bridges(min(30, reps), seed=1), FS_HZ))
    found: dict[str, Any] = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}, PySide6 {pyside_version}",
        "load": os.getloadavg()[0],
        "switch_ms": 1e3 * session.SWITCH_S,
    }
    found |= {view: measured(view, entries, seconds) for view in views}
    found["ms_by_rate"] = cost_by_rate()
    application.processEvents()
    found["ready"] = {command: ready(command) for command in ("demo", "review")}
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="of each view (default 20)")
    parser.add_argument("--views", nargs="+", default=["raw", "train", "naive"], choices=["raw", "train", "naive"])
    parser.add_argument("--switch-ms", type=float, help="turn of a thread, instead of the program's own")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.switch_ms is not None:
        session.SWITCH_S = 1e-3 * options.switch_ms
    found = measure(options.seconds, options.views)
    said = missed(found) if options.check else []
    if options.json:
        print(json.dumps(found, indent=1))
    else:
        readies = {f"ready, {command}": row for command, row in found.pop("ready").items()}
        for name, value in (found | readies).items():
            row = "; ".join(f"{k} {v:.3g}" for k, v in value.items()) if isinstance(value, dict) else value
            print(f"{name}: {row}")
    print("\n".join(said), end="\n" if said else "")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
