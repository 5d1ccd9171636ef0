"""A MATLAB 5 file: ``signals``, ``marks``, ``reps`` and ``about`` as structs.

``signals(k).samples`` is (n_samples, n_channels) with NaN where lost; row 1 is at ``signals(k).start_s`` on the session
clock, row n at ``start_s + (n - 1) / fs_measured_hz``. The format holds less than 2 GB in one variable, so each signal
is one: ``signals`` names the variables that bear the samples.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import savemat

from emgmon.errors import ExportFailed
from emgmon.storage.export.happenings import mark_rows, rep_rows
from emgmon.storage.export.tables import signal_rows
from emgmon.storage.signals import Signals, about

MAX_BYTES = (1 << 31) - 1


def write_mat(signals: Signals, path: Path) -> list[str]:
    """Write one variable for each signal, and the tables of what happened."""
    for signal in signals.signals:
        if signal.samples.nbytes > MAX_BYTES:
            raise ExportFailed(f"{signal.name} is larger than 2 GB, which a MATLAB 5 file cannot hold; use parquet")
    with path.open("wb") as stream:
        savemat(stream, {"about": about(signals.summary), "marks": _struct(mark_rows(signals))}, oned_as="column")
        savemat(stream, {"reps": _struct(rep_rows(signals))}, oned_as="column")
        taken: set[str] = set()
        for number, (signal, row) in enumerate(zip(signals.signals, signal_rows(signals.signals), strict=True), 1):
            said = {key: value for key, value in row.items() if key != "channels"}
            channels = _struct(row["channels"])
            name = _variable(signal.name, taken)
            savemat(stream, {name: {**said, "channels": channels, "samples": signal.samples}}, long_field_names=True)
            signals.progress(number / len(signals.signals))
    return []


def _variable(name: str, taken: set[str]) -> str:
    """Name that MATLAB takes: letters, digits and underscores, a letter first, at most 31."""
    text = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)
    text = text if text[:1].isalpha() else f"s_{text}"
    free = next(t for t in (text[:31], *(f"{text[:28]}_{n}" for n in range(2, 1000))) if t not in taken)
    taken.add(free)
    return free


def _struct(rows: list[dict[str, Any]]) -> Any:
    """Struct array of rows that have the same keys."""
    if not rows:
        return np.empty((0, 0))
    table = np.empty((len(rows), 1), [(key, object) for key in rows[0]])
    for at, row in enumerate(rows):
        for key, value in row.items():
            table[at, 0][key] = value
    return table
