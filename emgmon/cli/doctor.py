"""``emgmon doctor``: what this computer has and lacks for a session, each line with what to do."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata, util
from pathlib import Path

import platformdirs

from emgmon import __version__
from emgmon.cli import DONE, INCOMPLETE
from emgmon.dsp import compiled
from emgmon.errors import BluetoothUnavailable
from emgmon.live import why_no_sound, why_no_window
from emgmon.sources.ble import Radio, scan
from emgmon.sources.interval import advice
from emgmon.storage.sessions.store import ELSEWHERE, ENVIRONMENT, FILE

OK, TO_DO, MISSING = "ok", "to do", "missing"
MB_PER_HOUR = 55
"""Of a recording with eight sensors; ``python benchmarks/recording.py``."""
LEAST_FREE_MB = 500
PACKAGES = ("bleak", "numpy", "scipy", "PySide6-Essentials", "pyqtgraph", "zstandard", "miniaudio")
RFKILL, ADAPTERS = Path("/sys/class/rfkill"), Path("/sys/class/bluetooth")
DEBUGFS = Path("/sys/kernel/debug/bluetooth")
INTERVAL_UNIT_MS = 1.25
COMPILED_S = 5.0
"""Loading the loops takes longer only where they had to be compiled."""


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: `state` is `OK`, `TO_DO` or `MISSING`."""

    about: str
    state: str
    text: str


def run(options: argparse.Namespace) -> int:
    """Print each finding; exit code 0 when all is well, 3 when there is something to do."""
    lines = [line for check in CHECKS for line in check()]
    if options.json:
        print(json.dumps([asdict(line) for line in lines], indent=1))
    else:
        print("\n".join(f"{line.state:8} {line.about:14} {line.text}" for line in lines))
    return DONE if all(line.state == OK for line in lines) else INCOMPLETE


def versions() -> list[Line]:
    """Check emgmon, Python and the packages that a session rests on."""
    lines = [
        Line("emgmon", OK, f"{__version__}, Python {platform.python_version()} on {platform.platform(terse=True)}")
    ]
    found, lacking = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            lacking.append(name)
    lines.append(Line("packages", OK, ", ".join(found)))
    if lacking:
        lines.append(Line("packages", MISSING, f"{', '.join(lacking)}: install emgmon again"))
    return lines


def bluetooth() -> list[Line]:
    """Look for a radio by listening for a second with it, and say through which part of the system."""
    began_s = time.monotonic()
    try:
        heard = asyncio.run(scan(Radio(time.monotonic_ns), 1.0))
    except BluetoothUnavailable as error:
        return [Line("Bluetooth", MISSING, str(error)), *_adapters()]
    known = sum(item.driver is not None for item in heard)
    text = f"heard {len(heard)} devices in {time.monotonic() - began_s:.1f} s, {known} of a kind that emgmon knows"
    return [Line("Bluetooth", OK, text), *_adapters()]


def _adapters() -> list[Line]:
    """Linux tells more: which adapters there are, and whether a switch blocks them."""
    if sys.platform != "linux":
        return []
    names = sorted(path.name for path in ADAPTERS.glob("hci*") if ":" not in path.name) if ADAPTERS.is_dir() else []
    lines = [Line("adapters", OK, ", ".join(names))] if names else []
    if len(names) > 1:
        lines.append(Line("adapters", OK, f"choose with 'emgmon scan --adapter {names[-1]}'"))
    switches = [path for path in RFKILL.glob("rfkill*") if _read(path / "type") == "bluetooth"]
    if any("1" in {_read(path / "soft"), _read(path / "hard")} for path in switches):
        lines.append(Line("adapters", TO_DO, "Bluetooth is blocked; run 'rfkill unblock bluetooth'"))
    return lines


def interval() -> list[Line]:
    """Say how short the connection interval may be, where the system says it, and how to shorten it."""
    for adapter in sorted(DEBUGFS.glob("hci*")) if os.access(DEBUGFS, os.R_OK) else []:
        low, high = _read(adapter / "conn_min_interval"), _read(adapter / "conn_max_interval")
        if low.isdecimal() and high.isdecimal():
            least_ms, most_ms = int(low) * INTERVAL_UNIT_MS, int(high) * INTERVAL_UNIT_MS
            text = f"{adapter.name}: {least_ms:g} to {most_ms:g} ms"
            return [
                Line("interval", OK if most_ms <= 15.0 else TO_DO, text if most_ms <= 15.0 else f"{text}. {advice()}")
            ]
    return [Line("interval", OK, f"not readable here. {advice()}")]


def display() -> list[Line]:
    """Check whether a window can be opened."""
    reason = why_no_window()
    if reason:
        return [Line("display", MISSING, f"{reason}; everything works without a window too (--headless)")]
    return [Line("display", OK, "a window can be opened")]


def sound() -> list[Line]:
    """Check whether a sound card can be opened."""
    reason = why_no_sound()
    if reason:
        return [Line("sound", MISSING, f"{reason} All that is heard is seen too (--sound off)")]
    return [Line("sound", OK, "a sound card can be opened")]


def disk() -> list[Line]:
    """Check whether recordings can be written, and for how long there is room."""
    folder = platformdirs.user_documents_path() / "emgmon"
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    if not os.access(there, os.W_OK):
        return [Line("disk", MISSING, f"{there} cannot be written to; give '--out' another folder")]
    free_mb = shutil.disk_usage(there).free / 1e6
    hours = free_mb / MB_PER_HOUR
    text = f"{folder}: {free_mb / 1e3:.1f} GB free, about {hours:,.0f} h of eight sensors"
    return [
        Line(
            "disk", OK if free_mb > LEAST_FREE_MB else TO_DO, text if free_mb > LEAST_FREE_MB else f"{text}; make room"
        )
    ]


def store() -> list[Line]:
    """Check whether the store of sessions can be written where it is."""
    said = os.environ.get(ENVIRONMENT, "")
    if "://" in said:
        return [Line("sessions", OK, "on a server; 'emgmon sessions list' asks it")]
    path = Path(said) if said else platformdirs.user_data_path("emgmon") / FILE
    there = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not os.access(there, os.W_OK) or not os.access(path.parent if path.exists() else there, os.W_OK):
        return [Line("sessions", MISSING, f"{path} cannot be written; {ELSEWHERE}")]
    return [Line("sessions", OK, f"{path}{'' if path.exists() else ', made with the first session'}")]


def loops() -> list[Line]:
    """Compile the loops of the extra ``fast`` here, once, so that no session or analysis has to."""
    if util.find_spec("numba") is None:
        return [Line("loops", OK, "not compiled; the extra 'fast' takes less processor and gives the same numbers")]
    began_s = time.monotonic()
    compiled.load()
    took_s = time.monotonic() - began_s
    if compiled.kernel() is None:
        return [Line("loops", TO_DO, "numba cannot be used here; all works without, with the same numbers")]
    return [Line("loops", OK, f"compiled now, in {took_s:.0f} s" if took_s > COMPILED_S else "compiled")]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


CHECKS: tuple[Callable[[], list[Line]], ...] = (versions, bluetooth, interval, display, sound, disk, store, loops)
