"""Other formats in an environment of their own: ``python files.py SECONDS`` writes, reads and prints JSON.

The readers are those of `recording_peers`. The limit is a NumPy file of 16-bit counts, scaled to µV.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

import recording_peers
from work import cpu_s

FS_HZ, CHANNELS = 1000, 8


def main(seconds: int) -> None:
    rng = np.random.default_rng(1)
    counts = np.round(rng.standard_normal((seconds * FS_HZ, CHANNELS)) * 100.0).astype("<i2")
    middle, ten = seconds // 2 * FS_HZ, 10 * FS_HZ
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "counts.npy"
        np.save(plain, counts)
        rows = [
            {
                "name": "NumPy file of 16-bit counts",
                "read_ms": 1e3 * cpu_s(lambda: np.load(plain) * 0.5, 3),
                "window_ms": 1e3 * cpu_s(lambda: np.load(plain, mmap_mode="r")[middle : middle + ten] * 0.5, 3),
            }
        ]
        for name, _needs, write, read, window in recording_peers.PEERS:
            path = Path(folder) / "file"
            try:
                write(path, counts, FS_HZ)
                row = {"name": name, "read_ms": 1e3 * cpu_s(lambda read=read, path=path: read(path), 3)}
                if window is not None:
                    row["window_ms"] = 1e3 * cpu_s(lambda window=window, path=path: window(path, middle, ten), 3)
            except Exception as error:  # noqa: BLE001 - whatever a peer raises is its row
                row = {"name": name, "why": f"{type(error).__name__}: {error}"[:160]}
            rows.append(row)
    print(json.dumps(rows))


if __name__ == "__main__":
    main(int(sys.argv[1]))
