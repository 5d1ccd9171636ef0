"""Every figure that the project promises, beside peers and limits of this machine: ``python benchmarks/run.py``.

``--quick`` measures less of each (2 min instead of 10), ``--json`` prints numbers, ``--parts`` chooses, ``--peers``
installs other people's packages, each in an environment of its own that is kept for the next time (``all``), uses those
that are there (``installed``) or none. What cannot be installed or measured is a row that says why. A ratio is to the
row of the same figure that says "base": a limit or a peer, measured in the same run. Simulated signals throughout.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from figures import PARTS, WHOLE, Row
from peers import environment

PART_S = 900
FILES = Path(__file__).parent / "peers" / "files.py"


def of_part(part: str, *, quick: bool) -> list[Row]:
    """Run one part in a process of its own; a part that fails is a row."""
    words = [sys.executable, str(Path(__file__).with_name("figures.py")), part, *(["--quick"] if quick else [])]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=PART_S, check=False)  # noqa: S603
        return [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]
    except subprocess.TimeoutExpired:
        return [_absent(part, "emgmon", f"took more than {PART_S} s")]
    except (ValueError, IndexError):
        lines = done.stderr.strip().splitlines()
        return [_absent(part, "emgmon", lines[-1][:160] if lines else f"ended with {done.returncode}")]


def _absent(figure: str, what: str, why: str) -> Row:
    return Row(figure, what, None, "", why=why)


def of_peers(ours: list[Row], *, quick: bool, install: bool) -> list[Row]:
    """Measure peers at the chain, the live chunk and their one call that does all."""
    offline, live = (row.figure for row in ours[:2])
    seconds, whole_s = (60.0, 10.0) if quick else (600.0, 60.0)
    rows = []
    for name in environment.PEERS:
        found = environment.measured(name, seconds, whole_s, install=install)
        if isinstance(found["why"], str):
            rows.append(_absent(offline, name, found["why"]))
            continue
        rows += [_absent({"chain": offline, "live": live}.get(f, WHOLE), name, why) for f, why in found["why"].items()]
        title = f"{name} {found['version']}"
        if name == "limit":
            title = f"SciPy {found['version']} sosfilt"
            rows.append(Row(offline, "limit: a copy as float32", 1e3 * found["copy"], "ms"))
            if "fused" in found:
                rows.append(Row(offline, "limit: one pass in C", 1e3 * found["fused"]["chain"], "ms", base=True))
                rows.append(Row(live, "limit: one pass in C", found["fused"]["live"], "us", base=True))
        for figure, group, scale, unit in (
            ("chain", offline, 1e3, "ms"),
            ("live", live, 1.0, "us"),
            ("whole", WHOLE, 1e3 / whole_s, "ms"),
        ):
            if figure in found:
                rows.append(Row(group, title, scale * found[figure], unit, base=figure == "whole" and name == "LibEMG"))
    return rows


def of_files(ours: list[Row], *, quick: bool, install: bool) -> list[Row]:
    """Read the same signals from other formats."""
    names = dict.fromkeys(row.figure for row in ours)
    if len(names) != 2:
        return []
    whole, part = names
    python, why = environment.ready("files", install=install)
    if python is None:
        return [_absent(whole, "other formats", why)]
    words = [str(python), str(FILES), "360" if quick else "3600"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PART_S, check=False)  # noqa: S603
    if done.returncode:
        return [_absent(whole, "other formats", done.stderr.strip().splitlines()[-1][:160])]
    rows = []
    for number, found in enumerate(json.loads(done.stdout)):
        if "why" in found:
            rows.append(_absent(whole, found["name"], found["why"]))
            continue
        rows.append(Row(whole, found["name"], found["read_ms"], "ms", base=number == 0))
        if "window_ms" in found:
            rows.append(Row(part, found["name"], found["window_ms"], "ms", base=number == 0))
    return rows


def judged(rows: list[Row]) -> list[dict[str, Any]]:
    """Add to each row its ratio to the base of its figure, and whether the aim is met (None: it has none)."""
    bases = {row.figure: row for row in rows if row.base and row.value}
    made = []
    for row in rows:
        base = bases.get(row.figure)
        ratio = row.value / base.value if row.value is not None and base is not None and base.value else None
        met = None
        if row.most is not None or row.least is not None:
            met = row.value is not None and (row.value <= row.most if row.most is not None else row.value >= row.least)  # type: ignore[operator]
        made.append({**asdict(row), "ratio": ratio, "ratio_to": base.what if base else "", "met": met})
    return made


def shown(rows: list[dict[str, Any]]) -> str:
    """Write a Markdown table for each figure's rows, in the order of the figures."""
    lines = ["| figure | | | aim | | ratio to base |", "|---|---|---|---|---|---|"]
    before = ""
    for figure in dict.fromkeys(row["figure"] for row in rows):
        for row in (row for row in rows if row["figure"] == figure):
            aim = f"<= {row['most']:g}" if row["most"] is not None else f">= {row['least']:g}" if row["least"] else ""
            met = {True: "met", False: "**missed**", None: ""}[row["met"]]
            value = f"{rounded(row['value'])} {row['unit']}" if row["value"] is not None else row["why"]
            ratio = "base" if row["base"] else "" if row["ratio"] is None else f"{rounded(row['ratio'])}"
            head = figure if figure != before else ""
            lines.append(f"| {head} | {row['what']} | {value} | {aim} | {met} | {ratio} |")
            before = figure
    return "\n".join(lines)


def rounded(value: float) -> str:
    """Write a number with three digits that count, and whole thousands whole."""
    if value == 0.0 or abs(value) >= 1000.0:
        return f"{value:.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="less of each")
    parser.add_argument("--json", action="store_true", help="print numbers")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--peers", choices=("none", "installed", "all"), default="installed")
    parser.add_argument("--check", action="store_true", help="fail where an aim is missed")
    options = parser.parse_args()
    began_s, load = time.monotonic(), os.getloadavg()[0]
    rows: list[Row] = []
    for part in options.parts:
        print(f"{part} ({time.monotonic() - began_s:.0f} s)", file=sys.stderr, flush=True)
        ours = of_part(part, quick=options.quick)
        rows += ours
        install = options.peers == "all"
        if options.peers != "none" and part == "chain" and len(ours) > 1:
            rows += of_peers(ours, quick=options.quick, install=install)
        if options.peers != "none" and part == "reading":
            rows += of_files(ours, quick=options.quick, install=install)
    made = judged(rows)
    about = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load": [round(load, 1), round(os.getloadavg()[0], 1)],
        "took_s": round(time.monotonic() - began_s),
    }
    if options.json:
        print(json.dumps({**about, "rows": made}, indent=1))
    else:
        missed = sum(row["met"] is False for row in made)
        aims = sum(row["met"] is not None for row in made)
        print(shown(made))
        print(f"\n{aims - missed} of {aims} aims met. {about['machine']}; load {load:.1f} at the start,", end=" ")
        print(f"{about['load'][1]} at the end; {about['took_s']} s.")
    return int(options.check and any(row["met"] is False for row in made))


if __name__ == "__main__":
    sys.exit(main())
