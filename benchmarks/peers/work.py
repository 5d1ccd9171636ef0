"""Runs in a peer's own environment: ``python work.py PEER FIGURE... --seconds N --whole N`` prints JSON.

Figures: ``chain``, CPU seconds for band-pass 20 to 450 Hz, a 50 Hz notch, rectification and an envelope of 8 channels
of 1000 Hz; ``live``, CPU microseconds for one chunk of 20 ms of them, in the way that the peer's documents show;
``whole``, CPU seconds of its one call that does all (`--whole` seconds of signal). Imports nothing of emgmon.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from functools import partial
from importlib.metadata import PackageNotFoundError, version

import numpy as np

FS_HZ, CHANNELS, CHUNK = 1000, 8, 20
LIVE_CHUNKS, WARM_CHUNKS = 200, 20


def signal(seconds: float) -> np.ndarray:
    """Make simulated EMG, (n, 8) in µV: noise of 5 with bursts of 100 every 4 s, and hum of 10."""
    rng = np.random.default_rng(1)
    time_s = np.arange(round(seconds * FS_HZ)) / FS_HZ
    level = 5.0 + 95.0 * (np.sin(2.0 * np.pi * time_s / 4.0) > 0.3)
    hum = 10.0 * np.sin(2.0 * np.pi * 50.0 * time_s)
    return rng.standard_normal((time_s.size, CHANNELS)) * level[:, None] + hum[:, None]


def cpu_s(work, runs: int) -> float:
    """Least CPU time of some runs."""
    spans_s = []
    for _ in range(runs):
        began_s = time.process_time()
        work()
        spans_s.append(time.process_time() - began_s)
    return min(spans_s)


def chunk_us(step, samples: np.ndarray) -> float:
    """Median CPU time of a step by 20 ms, with what came before at hand; `step(window, chunk)`."""
    spans_ns = []
    start = samples.shape[0] // 2
    for k in range(WARM_CHUNKS + LIVE_CHUNKS):
        stop = start + CHUNK * (k + 1)
        chunk, window = samples[stop - CHUNK : stop], samples[:stop]
        began_ns = time.thread_time_ns()
        step(window, chunk)
        spans_ns.append(time.thread_time_ns() - began_ns)
    return float(np.median(spans_ns[WARM_CHUNKS:])) / 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("peer")
    parser.add_argument("figures", nargs="+")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--whole", type=float, default=60.0)
    options = parser.parse_args()
    name = options.peer.lower()
    found: dict = {"why": {}}
    try:
        found["version"] = version({"limit": "scipy"}.get(name, name))
    except PackageNotFoundError:
        found["version"] = ""
    try:
        kind = getattr(importlib.import_module("ways"), options.peer)
    except Exception as error:  # noqa: BLE001 - whatever a peer raises is its row
        print(json.dumps({"why": f"{type(error).__name__}: {error}"}))
        return
    samples, short = signal(options.seconds), signal(options.whole)
    for figure in options.figures:
        try:
            if figure == "live":
                found[figure] = chunk_us(kind.live(FS_HZ), signal(20.0))
            elif figure == "whole":
                found[figure] = cpu_s(lambda: kind.whole(short, FS_HZ), 1)
            else:
                work = partial(getattr(kind, figure), samples, FS_HZ)
                found[figure] = work() if figure == "fused" else cpu_s(work, 3)
        except Exception as error:  # noqa: BLE001
            found["why"][figure] = f"{type(error).__name__}: {error}"[:160]
    print(json.dumps(found))


if __name__ == "__main__":
    sys.exit(main())
