"""Cost of the whole analysis, from recorded bytes to the summary, and of reading and reporting; CPU seconds.

The session is simulated: six sensors of EMG (1 kHz) and motion (100 Hz), contractions, then sets of bridges to the end;
ten minutes of eight channels are of one such sensor at eight places. Run ``python benchmarks/analysis.py``;
``--seconds 60 --quick`` takes a small part, ``--json`` prints numbers, ``--tree`` adds where the time goes,
``--recording FILE`` analyses a file instead, ``--live`` measures the live row alone.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import math
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import longer
import recording

from emgmon.dsp import compiled
from emgmon.model import Entry, SessionSummary
from emgmon.pipeline import Pipeline
from emgmon.report import session_html
from emgmon.runner import analyse
from emgmon.storage.recorder import write_recording
from emgmon.storage.recording import read_recording

TICK_NS = 20_000_000
LIVE_S, LIVE_TURNS = 60.0, 5
WARM_S = 30.0
TREE_DEPTH, TREE_SHARE = 6, 0.02

CHILD = """
import sys
from pathlib import Path
from emgmon.dsp import compiled
from emgmon.runner import analyse
from emgmon.storage.recording import read_recording
compiled.load()  # numba takes 100 MiB itself, at any length
def most_kib():  # of this program; getrusage would count what started it
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

analyse(read_recording(sys.argv[1]))
before = most_kib()
analyse(read_recording(sys.argv[2]))
print((most_kib() - before) / 1024)
"""


def cpu_s(work: Callable[[], object]) -> float:
    """CPU seconds that a call takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


def session(seconds: float) -> list[Entry]:
    """Simulate a session of at least so long: one of eight bridges, its set again and again."""
    return list(longer.repeated(longer.entries_of(longer.script_of(8)), seconds))


def eight(seconds: float) -> list[Entry]:
    """Simulate a session of eight sensors of one channel of 1 kHz: the same bytes at eight places."""
    one = longer.entries_of(longer.script_of(8), sensors=["EMG-GL"])
    return longer.widened(longer.repeated(one, seconds), 8)


def length_s(entries: list[Entry]) -> float:
    """Length of a session."""
    return (entries[-1].host_ns - entries[0].host_ns) * 1e-9


def packets_s(path: Path) -> float:
    """CPU seconds of reading, decoding and timing a recording and of asking which ticks are due, and no more."""
    pipeline = Pipeline()
    setattr(pipeline, "_pass_ticks", lambda _due_s, _entry: None)  # noqa: B010 - a name that is not to be set
    return cpu_s(lambda: pipeline.take(read_recording(path).runs()))


def live_us(entries: list[Entry]) -> tuple[float, float]:
    """Median and mean CPU µs from the bytes of 20 ms to every event that follows, packet by packet.

    Each 20 ms are those of the quickest of `LIVE_TURNS` turns, in each of which the same is done. Compiled loops are
    loaded before, as a live session does.
    """
    compiled.load()
    until_ns = entries[0].host_ns + int(LIVE_S * 1e9)
    arrived = (e for e in entries if e.host_ns < until_ns)
    slots = [list(slot) for _number, slot in groupby(arrived, lambda entry: entry.host_ns // TICK_NS)]
    least = [math.inf] * len(slots)
    for _turn in range(LIVE_TURNS):
        pipeline = Pipeline()
        for number, slot in enumerate(slots):
            began = time.process_time_ns()
            for entry in slot:
                pipeline.feed(entry)
            least[number] = min(least[number], (time.process_time_ns() - began) / 1e3)
    return sorted(least)[len(least) // 2], sum(least) / len(least)


def reading(folder: Path, seconds: int) -> tuple[float, float]:
    """CPU ms of reading an hour (from `seconds` of it) of 8 channels of 1 kHz, and a window of 10 s in its middle."""
    path = folder / "hour.mcap"
    write_recording(path, recording.entries(recording.signals(seconds)))
    whole_s = cpu_s(lambda: sum(1 for _part in read_recording(path).runs()))
    first_ns, last_ns = read_recording(path).span_ns()
    middle_ns = (first_ns + last_ns) // 2
    window = [cpu_s(lambda: list(read_recording(path).entries(middle_ns, middle_ns + 10**10))) for _ in range(5)]
    return 1e3 * whole_s * 3600 / seconds, 1e3 * sorted(window)[2]


def half_hour(summary: SessionSummary, seconds: float) -> SessionSummary:
    """Repeat the sets of a session until they fill 30 minutes."""
    copies = max(1, round(1800 / seconds))
    return replace(
        summary,
        sets=tuple(
            replace(done, index=number)
            for number, done in enumerate((done for _copy in range(copies) for done in summary.sets), 1)
        ),
    )


def memory_mib(folder: Path, entries: list[Entry]) -> float:
    """Return by how much the process grows while a session is analysed from its file, after a short one was; Linux."""
    short, whole = folder / "short.mcap", folder / "whole.mcap"
    write_recording(short, (e for e in entries if e.host_ns < entries[0].host_ns + int(WARM_S * 1e9)))
    write_recording(whole, entries)
    command = [sys.executable, "-c", CHILD, str(short), str(whole)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603 - ourselves


def measure(seconds: float = 600, *, quick: bool = False) -> dict[str, float]:
    """Measure everything.

    Parameters
    ----------
    seconds : float
        Length of the session that is analysed.
    quick : bool
        Read a recording of two minutes and tell by it how long an hour takes.

    Returns
    -------
    dict of str to float
        ``times_real_time`` from a cold start, ``times_loaded`` once compiled loops are there, ``cpu_s_per_hour`` (six
        sensors, cold), ``packets_s_per_hour`` of it up to the session's clock,
        ``ten_minutes_s`` (eight), ``live_us``, ``live_mean_us``, ``memory_mib``, ``read_hour_ms``,
        ``read_window_ms``, ``report_s``.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        entries = session(seconds)
        real_s = length_s(entries)
        path = folder / "session.mcap"
        write_recording(path, entries)
        summaries: list[SessionSummary] = []
        took_s = cpu_s(lambda: summaries.append(analyse(read_recording(path))))
        worn = eight(seconds)
        live, live_mean = live_us(entries)
        loaded_s = min(cpu_s(lambda: analyse(read_recording(path))) for _turn in range(2))
        summary = half_hour(summaries[0], real_s)
        read_ms, window_ms = reading(folder, 120 if quick else 3600)
        return {
            "times_real_time": real_s / took_s,
            "times_loaded": real_s / loaded_s,
            "cpu_s_per_hour": 3600 * took_s / real_s,
            "packets_s_per_hour": 3600 * packets_s(path) / real_s,
            "ten_minutes_s": cpu_s(lambda: analyse(worn)) * 600 / length_s(worn),
            "live_us": live,
            "live_mean_us": live_mean,
            "memory_mib": memory_mib(folder, entries),
            "read_hour_ms": read_ms,
            "read_window_ms": window_ms,
            "report_s": cpu_s(lambda: session_html(summary)),
        }


def tree(entries: list[Entry]) -> Iterator[str]:
    """Say where the CPU time of an analysis goes: a line for each call that takes 2 %, deeper ones indented."""
    profile = cProfile.Profile(time.process_time)
    profile.runcall(analyse, entries)
    stats: dict[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    below: dict[Any, list[tuple[float, Any]]] = {}
    for called, (_calls, _all, _own, _total, callers) in stats.items():
        for caller, (_n, _m, _self, spent_s) in callers.items():
            below.setdefault(caller, []).append((spent_s, called))
    root = next(key for key in stats if key[2] == "analyse")
    whole_s = stats[root][3]

    def lines(key: Any, spent_s: float, depth: int) -> Iterator[str]:
        yield f"{spent_s / whole_s:6.1%}  {'  ' * depth}{Path(key[0]).stem}.{key[2]}"
        if depth < TREE_DEPTH:
            for inner_s, called in sorted(below.get(key, []), key=lambda item: -item[0]):
                if inner_s > TREE_SHARE * whole_s and called != key:
                    yield from lines(called, inner_s, depth + 1)

    yield from lines(root, whole_s, 0)


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--quick", action="store_true", help="read two minutes instead of an hour")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--tree", action="store_true", help="say where the time goes, measured with a profiler")
    parser.add_argument("--recording", type=Path, help="analyse this file alone")
    parser.add_argument("--live", action="store_true", help="measure the cost of 20 ms of a live session alone")
    options = parser.parse_args()
    if options.live:
        entries = list(read_recording(options.recording)) if options.recording else session(LIVE_S)
        found = dict(zip(("live_us", "live_mean_us"), live_us(entries), strict=True))
    elif options.recording:
        entries = list(read_recording(options.recording))
        took_s = cpu_s(lambda: analyse(read_recording(options.recording)))
        per_hour = 3600 / length_s(entries)
        found = {
            "times_real_time": length_s(entries) / took_s,
            "cpu_s_per_hour": took_s * per_hour,
            "packets_s_per_hour": packets_s(options.recording) * per_hour,
        }
    else:
        found = measure(options.seconds, quick=options.quick)
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:18} {value:10.3f}")
    if options.tree:
        print("\n".join(tree(entries if options.recording else session(min(options.seconds, 120)))))


if __name__ == "__main__":
    main()
