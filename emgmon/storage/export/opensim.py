"""OpenSim storage (.sto) and motion (.mot): the excursion from the rest pose, in degrees, 50 times a second.

OpenSim wants a number in each cell, so only moments with an angle are rows: pauses between sets leave a step in time.
The angle is that of one segment against gravity, not a joint angle of a model; the column says so.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emgmon.errors import ExportFailed
from emgmon.storage.signals import Signals

COLUMN = "segment_excursion"


def write_sto(signals: Signals, path: Path) -> list[str]:
    """Write the header of OpenSim 4 (version 3) and the rows."""
    return _write(signals, path, ["DataType=double", "version=3", "OpenSimVersion=4.5", "inDegrees=yes"])


def write_mot(signals: Signals, path: Path) -> list[str]:
    """Write the older header (version 1), which names the numbers of rows and columns, and the rows."""
    return _write(signals, path, ["version=1", "nRows={n}", "nColumns=2", "inDegrees=yes"])


def _write(signals: Signals, path: Path, header: list[str]) -> list[str]:
    angle = next((signal for signal in signals.signals if signal.kind == "angle"), None)
    if angle is None:
        raise ExportFailed("there is no angle in this recording: no motion sensor was worn during a set")
    there = np.isfinite(angle.samples[:, 0])
    origin = "simulated, no person wore the sensors" if signals.summary.simulated else "recorded with emgmon"
    with path.open("w", encoding="ascii", newline="\n") as stream:
        stream.write(f"excursion from the rest pose, {origin}\n")
        stream.writelines(f"{line}\n".format(n=int(there.sum())) for line in header)
        stream.write(f"endheader\ntime\t{COLUMN}\n")
        for time_s, rows in signals.blocks(angle):
            kept = np.isfinite(rows[:, 0])
            rows_said = zip(time_s[kept].tolist(), rows[kept, 0].tolist(), strict=True)
            stream.writelines(f"{t:.6f}\t{value:.6f}\n" for t, value in rows_said)
    left_out = len(there) - int(there.sum())
    return [f"{left_out / angle.fs_hz:.1f} s without an angle are left out (outside sets)"] if left_out else []
