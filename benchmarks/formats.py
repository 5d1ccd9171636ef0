"""Cost of other programs' formats: ``python benchmarks/formats.py [--seconds 60]``; CPU seconds.

A simulated session of six sensors (EMG at 1 kHz, motion at 100 Hz) is laid side by side as ``emgmon export`` does,
written in each format, and what can be read again is read as ``emgmon import`` reads it. Both commands are timed for
EDF+. What a missing package forbids is left out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import longer
import numpy as np

from emgmon.cli import main as emgmon
from emgmon.errors import ExportFailed
from emgmon.storage.export import FORMATS, export
from emgmon.storage.foreign import READERS, read_foreign
from emgmon.storage.recorder import write_recording
from emgmon.storage.recording import read_recording
from emgmon.storage.signals import WHATS, read_signals

WORN = (
    ("GL", "gluteus_maximus", "left"),
    ("GR", "gluteus_maximus", "right"),
    ("HL", "biceps_femoris", "left"),
    ("HR", "biceps_femoris", "right"),
    ("EL", "erector_spinae", "left"),
    ("ER", "erector_spinae", "right"),
)


def cpu_s(work: Callable[[], object]) -> float:
    """CPU time of a call."""
    began_s = time.process_time()
    work()
    return time.process_time() - began_s


def _run(*words: object) -> None:
    """Run a command as its user does; what it says is not shown."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        code = emgmon([str(word) for word in words])
    if code:
        raise RuntimeError(f"emgmon {words[0]} ended with {code}")


def measure(seconds: float, folder: Path) -> dict[str, float]:
    """CPU seconds of each step by its title; the first is the limit: the samples of the EDF+ file by NumPy."""
    session = folder / "a.mcap"
    write_recording(session, longer.repeated(longer.entries_of(longer.script_of(3)), seconds))
    table = folder / "map.toml"
    table.write_text(
        "".join(f'[channels."EMG {at}"]\nmuscle = "{muscle}"\nside = "{side}"\n' for at, muscle, side in WORN)
    )
    edf = folder / "a.edf"
    found: dict[str, float] = {"limit: 16-bit counts of EDF+ by NumPy": 0.0}
    found["emgmon export --to edf"] = cpu_s(lambda: _run("export", session, "--to", "edf", "-o", edf))
    words = ("import", edf, "--map", table, "-o", folder / "b.mcap")
    found["emgmon import --map, EDF+"] = cpu_s(lambda: _run(*words))
    found["limit: 16-bit counts of EDF+ by NumPy"] = min(
        cpu_s(lambda: np.fromfile(edf, "<i2") * 0.5) for _turn in range(3)
    )
    endings = {ending for reader in READERS for ending in reader.endings}
    for what in WHATS[:2]:
        began_s = time.process_time()
        signals = read_signals(read_recording(session), what)
        found[f"samples laid side by side, {what}"] = time.process_time() - began_s
        for kind in FORMATS:
            out = folder / f"{what}_{kind.name}{kind.ending}"
            if what not in kind.holds:
                continue
            try:
                found[f"write {kind.name}, {what}"] = cpu_s(lambda: export(signals, kind, out))  # noqa: B023
            except ExportFailed:
                continue
            if kind.ending in endings and what == kind.holds[0]:
                found[f"read {kind.name}"] = cpu_s(lambda: read_foreign(out))  # noqa: B023
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for title, took_s in measure(options.seconds, Path(folder)).items():
            print(f"{title:42s} {took_s:7.3f} s")


if __name__ == "__main__":
    main()
