"""How fast the Review page goes anywhere in half an hour: ``python -m benchmarks.review`` (about a minute).

The events of a shipped recording are told again and again, each time later, until there is half an hour of them.
Measured are what reading costs, what is kept, how long a jump takes from the call until everything is painted while it
plays, and the share of a core that playing takes. CPU time does not depend on what else the machine does.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from emgmon.live.playing import Course, Playing
from emgmon.live.review import ReviewScreen
from emgmon.live.sound import SILENT
from emgmon.model import Event, Frame, Rep, RepClosed, SetClosed, SetOpened, SignalSeen
from emgmon.pipeline import Pipeline
from emgmon.storage.recording import read_recording

RECORDING = Path(__file__).parents[1] / "recordings" / "bridges-clean.mcap"
MINUTES = 30
JUMPS = 200
PLAY_S = 5.0


def main() -> None:
    """Measure and print."""
    application = QApplication([])
    began_s = time.process_time()
    events, length_s = _events()
    cost = (time.process_time() - began_s) / length_s
    print(f"reading: {1000 * cost:.0f} ms of CPU for a second of six sensors of EMG and motion")
    course = Course()
    began_s = time.process_time()
    for event in _long(events, length_s):
        course.add([event])
    took_s = time.process_time() - began_s
    print(f"keeping: {took_s:.1f} s of CPU for {course.end_s / 60:.0f} min, {course.tape.n_frames} frames")
    print(f"kept: {course.tape.size_bytes() / 2**20:.1f} MiB of frames")
    page = ReviewScreen(sound=SILENT)
    page.resize(1920, 1000)
    page.show()
    review = page.review
    review.course, review.playing = course, Playing(course)
    review.spans = course.spans()
    rng = random.Random(1)  # noqa: S311 - a benchmark
    state = [_timed(lambda: course.state_at(rng.uniform(0.0, course.end_s))) for _ in range(JUMPS)]
    _tell("state at a moment", state)
    page.show_set(len(review.spans) // 2)
    assert review.shown is not None
    start_s, stop_s = review.shown.start_s, review.shown.stop_s
    page.set_running(True)

    def jump() -> None:
        page.go(rng.uniform(start_s, stop_s))
        application.processEvents()

    _tell("jump while playing, until painted", [_timed(jump) for _ in range(JUMPS)])

    def other_set() -> None:
        page.show_set(rng.randrange(len(review.spans)))
        application.processEvents()

    _tell("another set, until painted", [_timed(other_set) for _ in range(JUMPS // 4)])
    page.go(start_s)
    page.set_running(True)
    used_s, began_s = time.thread_time(), time.monotonic()
    while time.monotonic() - began_s < PLAY_S:
        application.processEvents()
        time.sleep(0.002)
    print(f"playing: {100 * (time.thread_time() - used_s) / PLAY_S:.0f} % of a core at 1920x1000, sound off")
    page.close_recording()


def _events() -> tuple[list[Event], float]:
    pipeline = Pipeline()
    events = [event for entry in read_recording(RECORDING) for event in pipeline.feed(entry)] + pipeline.close()
    return events, max(event.t_s for event in events if isinstance(event, Frame))


def _long(events: list[Event], length_s: float) -> Iterator[Event]:
    for turn in range(round(60 * MINUTES / length_s)):
        later_s = turn * (length_s + 0.02)
        yield from (_later(event, later_s, turn) for event in events)


def _later(event: Event, later_s: float, turn: int) -> Event:
    """Return the same event at another time, of another set."""
    if isinstance(event, SignalSeen):
        return replace(event, start_s=event.start_s + later_s)
    changed: dict[str, Any] = {"t_s": event.t_s + later_s}
    if isinstance(event, SetOpened):
        changed["index"] = turn + 1
    if isinstance(event, RepClosed):
        changed["summary"] = replace(event.summary, rep=_rep_later(event.summary.rep, later_s))
    if isinstance(event, SetClosed):
        summary = event.summary
        reps = tuple(replace(rep, rep=_rep_later(rep.rep, later_s)) for rep in summary.reps)
        begin_s, end_s = summary.start_s + later_s, summary.stop_s + later_s
        changed["summary"] = replace(summary, index=turn + 1, reps=reps, start_s=begin_s, stop_s=end_s)
    return replace(event, **changed)


def _rep_later(rep: Rep, later_s: float) -> Rep:
    times = (rep.start_s + later_s, rep.top_s + later_s, rep.release_s + later_s, rep.end_s + later_s)
    return Rep(rep.index, *times, rep.first, rep.side, rep.source)


def _timed(act: Callable[[], object]) -> tuple[float, float]:
    """Return the CPU time and the time on the wall of a call, ms."""
    used_s, began_s = time.thread_time(), time.perf_counter()
    act()
    return 1000.0 * (time.thread_time() - used_s), 1000.0 * (time.perf_counter() - began_s)


def _tell(what: str, took_ms: list[tuple[float, float]]) -> None:
    (cpu, late_cpu), (wall, late) = (np.percentile(column, [50, 95]) for column in zip(*took_ms, strict=True))
    cpu_text = f"CPU {cpu:.1f} ms, p95 {late_cpu:.1f}"
    print(f"{what}: {cpu_text}; on the wall {wall:.1f} ms, p95 {late:.1f} (n = {len(took_ms)})")


if __name__ == "__main__":
    main()
