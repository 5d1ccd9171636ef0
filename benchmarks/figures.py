"""The parts of ``benchmarks/run.py``, each in a process of its own: ``python benchmarks/figures.py PART [--quick]``.

A part prints rows as JSON. ``base`` marks the row that the others of the same figure are divided by: a limit of the
machine, or a peer, measured in the same run.
"""

# ruff: noqa: PLC0415 - a part loads only what it measures

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

WHOLE = "everything in one call, 8 channels, for each second"
OURS = "emgmon"


@dataclasses.dataclass(frozen=True)
class Row:
    """A figure; `most` and `least` are aims, of which a row has at most one."""

    figure: str
    what: str
    value: float | None
    unit: str
    most: float | None = None
    least: float | None = None
    base: bool = False
    why: str = ""


def cpu_s(work: Callable[[], object], runs: int = 3) -> float:
    """Least CPU time of some runs."""
    spans_s = []
    for _ in range(runs):
        began_s = time.process_time()
        work()
        spans_s.append(time.process_time() - began_s)
    return min(spans_s)


def chain(quick: bool) -> list[Row]:
    """Run the EMG chain of 8 channels, offline and by chunks, with NumPy and SciPy alone and with compiled loops."""
    import chain as bench

    seconds = 60.0 if quick else 600.0
    found = bench.measure(seconds, turns=2)
    whole, chunk = f"chain, 8 channels, {seconds:g} s of 1000 Hz", "live chunk of 20 ms, 8 channels"
    rows = []
    for key, title, most_ms, most_us in (("", OURS, 80.0, None), ("kernel_", f"{OURS}[fast]", 7.0, 10.0)):
        if f"{key}offline_s" not in found:
            rows += [Row(name, title, None, "", why="numba is not installed") for name in (whole, chunk)]
            continue
        rows.append(Row(whole, title, 1e3 * found[f"{key}offline_s"], "ms", most=most_ms * seconds / 600.0))
        rows.append(Row(chunk, f"{title}, median", found[f"{key}live_us"], "us", most=most_us))
        rows.append(Row(chunk, f"{title}, mean", found[f"{key}live_mean_us"], "us"))
    return rows


def analysis(quick: bool) -> list[Row]:
    """Take sensors with EMG and motion from bytes to summary, whole and by 20 ms; memory; the report."""
    import analysis as bench

    from emgmon.storage.recorder import write_recording
    from emgmon.storage.recording import read_recording

    seconds = 300 if quick else 600
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mcap"
        write_recording(path, bench.session(seconds))
        first_ns, last_ns = read_recording(path).span_ns()
        limit = (last_ns - first_ns) * 1e-9 / cpu_s(lambda: sum(1 for _ in read_recording(path)), 2)
    found = bench.measure(seconds, quick=quick)
    name = f"bytes to summary, 6 EMG + 6 IMU, {seconds} s"
    return [
        Row(name, OURS, found["times_real_time"], "x real time", least=1000.0),
        Row(name, f"{OURS}, compiled loops loaded", found["times_loaded"], "x real time", least=1000.0),
        Row(name, "limit: reading the entries alone", limit, "x real time", base=True),
        Row("CPU for each recorded hour of them", OURS, found["cpu_s_per_hour"], "s"),
        Row(WHOLE, f"{OURS}, packets to summary", found["ten_minutes_s"] / 0.6, "ms"),
        Row("whole analysis, 10 min, 8 channels", OURS, found["ten_minutes_s"], "s", most=1.0),
        Row("bytes to decision, 20 ms of 6 sensors, median", OURS, found["live_us"], "us", most=150.0),
        Row(f"memory that analysing {seconds} s adds", OURS, found["memory_mib"], "MiB", most=40.0),
        Row("report of 30 min", OURS, found["report_s"], "s", most=0.5),
    ]


def memory(quick: bool) -> list[Row]:
    """Analyse long sessions of two sensors, each in a process of its own: what they add to a short one."""
    seconds = 300 if quick else 3600
    added_mib = []
    for length_s in (seconds, 2 * seconds):
        words = [sys.executable, str(Path(__file__).with_name("growth.py")), "--length", str(length_s)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603
        added_mib.append(json.loads(done.stdout)["added_mib"])
    figure = f"memory that {seconds // 60} min of 2 EMG + 2 IMU add"
    return [
        Row(figure, OURS, added_mib[0], "MiB", most=40.0),
        Row(figure, f"{OURS}, for each hour more", (added_mib[1] - added_mib[0]) / seconds * 3600.0, "MiB"),
    ]


def reading(quick: bool) -> list[Row]:
    """Read one recording of 8 x 1 kHz whole and 10 s of it."""
    import recording

    seconds = 360 if quick else 3600
    with tempfile.TemporaryDirectory() as folder:
        entries, decoded = recording.reading(seconds, Path(folder), ())
    whole, part = _reading_names(seconds)
    return [
        Row(whole, f"{OURS}, entries", entries["read_ms"], "ms", most=150.0 * seconds / 3600),
        Row(whole, f"{OURS}, to µV", decoded["read_ms"], "ms"),
        Row(part, f"{OURS}, entries", entries["window_ms"], "ms", most=5.0),
    ]


def _reading_names(seconds: int) -> tuple[str, str]:
    return f"reading {seconds // 60} min of 8 x 1 kHz", f"reading 10 s out of {seconds // 60} min"


def importing(quick: bool) -> list[Row]:
    """Write a session in other programs' formats, and read them again."""
    import formats

    seconds = 60 if quick else 600
    with tempfile.TemporaryDirectory() as folder:
        found = formats.measure(seconds, Path(folder))
    figure = f"other formats, {seconds} s of 6 EMG + 6 IMU"
    return [Row(figure, title, took_s, "s", base="limit" in title) for title, took_s in found.items()]


def history(quick: bool) -> list[Row]:
    """Query one person among many sessions."""
    import history as bench

    rows = []
    for sessions in (100, 1_000) if quick else (1_000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            found = bench.measure(sessions, Path(folder))
            connection = sqlite3.connect(Path(folder) / f"{sessions}.db")
            query = "SELECT v.* FROM rep_values v WHERE v.set_id < 100 AND v.number_id = 0"
            limit_ms = 1e3 * bench.least_s(lambda: connection.execute(query).fetchall())  # noqa: B023
            connection.close()
        figure = f"one person's index among {sessions} sessions"
        rows += [
            Row(figure, "limit: its rows by sqlite3", limit_ms, "ms", base=True),
            Row(figure, f"{OURS}, read", found["one_number_ms"], "ms"),
            Row(figure, f"{OURS}, trend over it", found["trend_ms"], "ms"),
            Row(figure, f"{OURS}, storing a session more", found["put_ms"], "ms"),
        ]
    return rows


def starting(quick: bool) -> list[Row]:
    """Time from a command to its help, and to the first painting of the window."""
    from emgmon.cli import build_parser

    (commands,) = build_parser()._subparsers._group_actions  # noqa: SLF001 - argparse has no public list of commands
    names = ["", *commands.choices]
    runs = 1 if quick else 3
    started = [
        Row("start", "limit: python -c pass", _wall_s(["-c", "pass"], 3), "s", base=True),
        Row("start", "limit with numpy and scipy.signal", _wall_s(["-c", "import numpy, scipy.signal"], runs), "s"),
        Row("start", "import emgmon", _wall_s(["-c", "import emgmon"], runs), "s"),
    ]
    for name in names:
        words = ["-m", "emgmon", *([name] if name else []), "--help"]
        started.append(Row("start", f"emgmon {name} --help".replace("  ", " "), _wall_s(words, runs), "s", most=0.15))
    session = Path(__file__).parents[1] / "recordings" / "bridges-clean.mcap"
    with tempfile.TemporaryDirectory() as folder:
        store = ["--store", str(Path(folder) / "s.sqlite")]
        for words in (
            ["exercises"],
            ["info", str(session)],
            ["sessions", "list", *store],
            ["report", str(session), "-o", str(Path(folder) / "r.html"), *store],
        ):
            title = f"emgmon {words[0]}" + (", of a session of 1 min" if str(session) in words else "")
            started.append(Row("start", title, _wall_s(["-m", "emgmon", *words], runs), "s"))
    return [*started, Row("start", "window, first painting", _wall_s(["-c", WINDOW], runs), "s", most=1.5)]


WINDOW = """
import sys
from PySide6.QtWidgets import QApplication
from emgmon.live import session, window
application = QApplication(sys.argv[:1])
made = session.Session(lambda *_: None, title="b", recording=True, theme="dark", exit_when_done=False)
painted = window.Window.paintEvent
def paintEvent(self, event):
    painted(self, event)
    sys.stdout.flush()
    import os
    os._exit(0)
window.Window.paintEvent = paintEvent
made.run()
"""


def _wall_s(words: list[str], runs: int) -> float:
    spans_s = []
    for _ in range(runs):
        began_s = time.perf_counter()
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        done = subprocess.run([sys.executable, *words], capture_output=True, check=False, env=env, timeout=60)  # noqa: S603
        spans_s.append(time.perf_counter() - began_s)
        if done.returncode:
            raise RuntimeError(f"{words}: {done.stderr.decode()[-200:]}")
    return min(spans_s)


def window(quick: bool) -> list[Row]:
    """Let the window work: the cost of a frame, and what recording, analysis and window take of a core."""
    import window as bench

    found = bench.measure(4.0 if quick else 10.0, ["raw", "train", "naive"])
    rows = []
    for view, title in (("raw", "Signals"), ("train", "Train"), ("naive", "pyqtgraph setData")):
        seen = found[view]
        rows += [
            Row("window, CPU of a frame", title, 1e3 * seen["qt"] / seen["fps"], "ms", base=view == "naive"),
            Row("window, frames per second", title, seen["fps"], "/s", least={"raw": 50.0, "train": 30.0}.get(view),
                base=view == "naive"),
            Row("window, packet to painting, median", title, seen["delay_median_ms"], "ms",
                15.0 if view != "naive" else None, base=view == "naive"),
        ]  # fmt: skip
    seen = found["train"]
    whole = 100.0 * (seen["qt"] + seen["asyncio"] + seen["others"])
    return [*rows, Row("recording, analysis and Train, 8 sensors", OURS, whole, "% of a core", most=25.0)]


def delay(quick: bool) -> list[Row]:
    """Follow a step from the skin to the painted bar, to the tone and to "glute on"."""
    import delay as bench

    found = bench.measure(1 if quick else 4)
    rows = []
    for name, title in (("skin_to_pixel", "skin to bar"), ("skin_to_tone", "skin to tone")):
        median_ms, p95_ms = bench.AIM_MS[name]
        rows += [
            Row(f"{title}, half way", "median", found[name]["median_ms"], "ms", most=median_ms),
            Row(f"{title}, half way", "95th percentile", found[name]["p95_ms"], "ms", most=p95_ms),
        ]
    heard, (median_ms, _p95_ms) = found["skin_to_glute_on"], bench.AIM_MS["skin_to_glute_on"]
    return [*rows, Row("skin to the sound glute on", "median", heard["median_ms"], "ms", most=median_ms)]


PARTS = {
    part.__name__: part for part in (chain, analysis, memory, reading, importing, history, starting, window, delay)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = [dataclasses.asdict(row) for row in PARTS[options.part](options.quick)]
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
