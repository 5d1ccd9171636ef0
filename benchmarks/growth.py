"""How cost grows with channels, length and sessions: ``python benchmarks/growth.py [--quick] [--plot FILE.svg]``.

Three ladders: 1 to 16 sensors of one set; 1 min to 10 h of two sensors (EMG and motion), one simulated set repeated;
1 to 100,000 sessions in the store. CPU seconds of this process, and the most memory that a length adds to that of
a short session. The lengths end where the next would go over ``--budget`` (seconds of CPU); what was not climbed is
told and not drawn. Slope is that of the line through the logarithms: 1 is linear, 0 does not grow. The plot in
``docs/performance.md`` is made with ``--plot docs/images/growth.svg``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import growth_plot
import history
import longer
import numpy as np

from emgmon.dsp import compiled
from emgmon.runner import analyse

CHANNELS = (1, 2, 4, 8, 16)
LENGTHS_S = (60, 180, 600, 1_800, 3_600, 10_800, 36_000)
SESSIONS = (1, 10, 100, 1_000, 10_000, 100_000)
BUDGET_S, QUICK_BUDGET_S = 150.0, 20.0
CHANNEL_REPS, QUICK_REPS = 8, 2
Point = dict[str, float]


def by_channels(reps: int) -> list[Point]:
    """Analyse one set by more and more sensors; each has the same bytes at another muscle."""
    one = longer.entries_of(longer.script_of(reps), sensors=["EMG-GL"])
    analyse(one)
    points = []
    for channels in CHANNELS:
        entries = longer.widened(one, channels)
        began_s = time.process_time()
        analyse(entries)
        points.append({"channels": channels, "cpu_s": time.process_time() - began_s})
    return points


def length(seconds: float) -> Point:
    """Analyse a long session of two sensors, which is never whole in memory."""
    one = longer.entries_of(longer.script_of(3), sensors=["EMG-GL", "EMG-HL"])
    compiled.expect(compiled.WORTH_PACKETS)  # the compiler's own 100 MiB do not grow with a session
    analyse(one)
    before_mib = _peak_mib()
    began_s = time.process_time()
    summary = analyse(longer.repeated(one, seconds))
    spent_s = time.process_time() - began_s
    return {"seconds": summary.duration_s, "cpu_s": spent_s, "added_mib": _peak_mib() - before_mib}


def _peak_mib() -> float:
    """Most memory of this program, Linux; getrusage would count what started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024.0


def by_length(budget_s: float) -> list[Point]:
    """Climb the lengths, each in a process of its own, while the next is likely to fit."""
    points: list[Point] = []
    for seconds in LENGTHS_S:
        spent_s = sum(point["cpu_s"] for point in points)
        if points and spent_s + points[-1]["cpu_s"] * seconds / points[-1]["seconds"] > budget_s:
            break
        words = [sys.executable, __file__, "--length", str(seconds)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603
        points.append(json.loads(done.stdout))
    return points


def by_sessions(most: int) -> list[Point]:
    """Fill stores, and query one person in them."""
    points = []
    for sessions in SESSIONS:
        if sessions > most:
            break
        with tempfile.TemporaryDirectory() as folder:
            found = history.measure(sessions, Path(folder))
        points.append(
            {
                "sessions": sessions,
                "read_s": found["one_number_ms"] / 1e3,
                "list_s": found["list_ms"] / 1e3,
                "put_s": found["put_ms"] / 1e3,
                "fill_s": found["made_s"],
                "mb": found["mb"],
            }
        )
    return points


def slope(points: list[Point], over: str, value: str) -> float:
    """Exponent of growth: slope of the line through the logarithms."""
    if len(points) < 2:
        return float("nan")
    x, y = (np.log([point[name] for point in points]) for name in (over, value))
    return float(np.polyfit(x, y, 1)[0])


def measure(*, quick: bool, budget_s: float) -> dict[str, Any]:
    """Climb all three ladders."""
    load = os.getloadavg()[0]
    channels = by_channels(QUICK_REPS if quick else CHANNEL_REPS)
    lengths = by_length(budget_s)
    sessions = by_sessions(1_000 if quick else SESSIONS[-1])
    many = [point for point in sessions if point["sessions"] >= 100]  # below, one person has fewer than 100
    return {
        "load": load,
        "channels": channels,
        "lengths": lengths,
        "sessions": sessions,
        "not_reached": [*LENGTHS_S[len(lengths) :], *SESSIONS[len(sessions) :]],
        "slopes": {
            "channels": slope(channels, "channels", "cpu_s"),
            "length": slope(lengths, "seconds", "cpu_s"),
            "filling a store": slope(sessions[1:], "sessions", "fill_s"),
            "one person among 100 and more": slope(many, "sessions", "read_s"),
        },
    }


def shown(found: dict[str, Any]) -> str:
    """Write the ladders as Markdown."""
    lines = ["| sensors, one set | CPU s |", "|---|---|"]
    lines += [f"| {p['channels']} | {p['cpu_s']:.3g} |" for p in found["channels"]]
    lines += ["", "| length of 2 sensors | CPU s | x real time | memory added, MiB |", "|---|---|---|---|"]
    lines += [
        f"| {p['seconds'] / 60:.0f} min | {p['cpu_s']:.3g} | {p['seconds'] / p['cpu_s']:.0f} | {p['added_mib']:.0f} |"
        for p in found["lengths"]
    ]
    lines += [
        "",
        "| sessions | fill, s | MB | one person's list, ms | index, ms | one more, ms |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {p['sessions']} | {p['fill_s']:.2g} | {p['mb']:.1f} | {1e3 * p['list_s']:.1f} | {1e3 * p['read_s']:.1f} "
        f"| {1e3 * p['put_s']:.1f} |"
        for p in found["sessions"]
    ]
    told = ", ".join(f"{name} {value:.2f}" for name, value in found["slopes"].items())
    lines += ["", f"Slopes (1 is linear): {told}. Load {found['load']:.1f}."]
    if found["not_reached"]:
        lines.append(f"Not climbed (s, sessions): {', '.join(map(str, found['not_reached']))}.")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plot", type=Path, help="draw it there")
    parser.add_argument("--budget", type=float, help=f"CPU seconds for the lengths (default {BUDGET_S:g})")
    parser.add_argument("--length", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.length:
        print(json.dumps(length(options.length)))
        return
    found = measure(quick=options.quick, budget_s=options.budget or (QUICK_BUDGET_S if options.quick else BUDGET_S))
    print(json.dumps(found, indent=1) if options.json else shown(found))
    if options.plot:
        options.plot.parent.mkdir(parents=True, exist_ok=True)
        options.plot.write_text(growth_plot.svg(found), encoding="utf-8")


if __name__ == "__main__":
    main()
