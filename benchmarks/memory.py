"""What a session keeps, part by part: ``python benchmarks/memory.py [--minutes 20] [--parts pipeline record window]``.

The session of `soak.py` (eight sensors, set after set, faults) is fed as fast as it goes, each part in a process of its
own: the analysis alone, with the recorder, with the window and sound's null device too. What C's allocator holds
without need is given back before each look (``malloc_trim``), so that the slope is that of what is kept. Told are
resident memory at the first and the last look at the end of a set, and its slope per hour and per repetition
between the third part of the session and its end, in which the buffers are full. Linux with glibc.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import soak
from paced import hush_qt
from PySide6.QtWidgets import QApplication

from emgmon.live import session
from emgmon.live.sound import SoundSettings, open_playback
from emgmon.model import Event, SetClosed
from emgmon.runner import Sink
from emgmon.runner.live import Taking
from emgmon.storage.recorder import Recorder
from emgmon.storage.recording import read_recording

PARTS = ("pipeline", "record", "window")
TICK_S = 0.1
"""Session time from one look of the window to the next."""
PAGE_TICKS = 200


def kept_mb() -> float:
    """Resident memory without what the allocator holds for later."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


@contextmanager
def windowed() -> Iterator[tuple[Sink, Callable[[], None]]]:
    """Open the window of a session; yields what takes events, and what lets it look at them."""
    hush_qt()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    made = session.Session(
        lambda *_: None, title="memory", recording=True, theme="dark", exit_when_done=True, sound=SoundSettings("full")
    )
    assert made.player is not None
    made.player._open = lambda samples, _null: open_playback(samples, null=True)  # noqa: SLF001 - no card is needed
    made.window.resize(1920, 1080)
    made.window.show()
    ticks = 0

    def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks % PAGE_TICKS == 1:
            made.window.show_page(soak.PAGES[ticks // PAGE_TICKS % len(soak.PAGES)])
        made.window.tick()
        application.processEvents()

    with made.player:
        yield made.bridge.push, tick


def measure(path: Path, part: str) -> dict[str, float]:
    """Feed a recorded session to the parts up to this one; returns what they keep."""
    looks: list[tuple[float, int, float]] = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        recorder = stack.enter_context(Recorder(Path(folder) / "m.mcap")) if part != "pipeline" else None
        told, tick = stack.enter_context(windowed()) if part == "window" else (lambda _events: None, lambda: None)
        closed: list[SetClosed] = []

        def sink(events: Sequence[Event]) -> None:
            closed.extend(event for event in events if isinstance(event, SetClosed))
            told(events)

        taking = Taking(recorder.append if recorder else lambda _entry: None, sink)
        began_ns, next_s, sets, reps = -1, 0.0, 0, 0
        for entry in read_recording(path):
            began_ns = entry.host_ns if began_ns < 0 else began_ns
            now_s = (entry.host_ns - began_ns) * 1e-9
            taking.take(entry)
            if now_s >= next_s:
                next_s = now_s + TICK_S
                tick()
            while closed:
                sets, reps = sets + 1, reps + len(closed.pop().summary.reps)
                looks.append((now_s, reps, kept_mb()))
        taking.check()
    at_s, done, mb = np.array(looks).T
    late = at_s >= at_s[-1] / 3
    return {
        "sets": sets,
        "reps": reps,
        "mb_first": mb[0],
        "mb_last": mb[-1],
        "mb_per_hour": 3600.0 * float(np.polyfit(at_s[late], mb[late], 1)[0]),
        "kb_per_rep": 1e3 * float(np.polyfit(done[late], mb[late], 1)[0]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=20.0, help="of the session (default 20)")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.file:
        print(json.dumps(measure(options.file, options.parts[0])), flush=True)
        os._exit(0)  # nothing of Qt is to be taken down
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.mcap"
        soak.make(path, options.minutes)
        for part in options.parts:
            command = [sys.executable, __file__, "--file", str(path), "--parts", part]
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - this very script
            told = ", ".join(f"{name} {value:.4g}" for name, value in json.loads(done.stdout.splitlines()[-1]).items())
            print(f"{part}: {told}; load {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
