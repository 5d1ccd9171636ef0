"""Cost of the EMG chain, with and without compiled loops: ``python benchmarks/chain.py [--minutes 10] [--json]``.

The whole chain of each channel: mains, band-pass, envelope (mean squares of 10 ms) and quality. CPU seconds of one
process, the smallest of some turns; beside them what the machine needs to copy the samples and SciPy's `sosfilt` alone,
in the same run. The signal is simulated: rest, and a burst each four seconds.
"""

import argparse
import json
import sys
import time

import numpy as np
from scipy import signal

from emgmon.dsp import compiled
from emgmon.dsp.envelope import HopPower
from emgmon.dsp.filters import BandPassSettings, design
from emgmon.pipeline.chain import Chain

FS_HZ = 1000.0
CHUNK = 20


def session(minutes, channels, hum_uv=0.0, seed=0):
    """Return simulated channels, (n, channels), µV: noise of 2 µV, bursts of 80 µV, an offset, steps of a converter."""
    rng = np.random.default_rng(seed)
    n = round(60 * minutes * FS_HZ)
    time_s = np.arange(n)[:, None] / FS_HZ
    muscle = signal.lfilter([0.2, 0.3, 0.3, 0.2], [1.0], rng.standard_normal((n, channels)), axis=0)
    samples = 2.0 * rng.standard_normal((n, channels)) + 300.0
    samples += 80.0 * (np.sin(2 * np.pi * (time_s + np.arange(channels)) / 4.0) > 0.2) * muscle
    samples += hum_uv * np.sqrt(2) * np.sin(2 * np.pi * 50.1 * time_s)
    return np.asfortranarray(np.round(samples / 0.195) * 0.195)


def used_s(act, turns):
    """Smallest CPU time of some turns."""
    took_s = []
    for _ in range(turns):
        began_s = time.process_time()
        act()
        took_s.append(time.process_time() - began_s)
    return min(took_s)


def offline_s(samples, size, turns):
    """CPU time of the chain over all channels, so many samples at once."""

    def act():
        for channel in samples.T:
            chain, hops = Chain(FS_HZ, "uv"), HopPower(FS_HZ)
            for first in range(0, len(channel), size):
                hops(chain(channel[first : first + size])[0])

    return used_s(act, turns)


def live_us(samples):
    """Time of one chunk in the chains of all channels: median, 95th percentile, mean; on the wall, the mean in CPU."""
    chains = [Chain(FS_HZ, "uv") for _ in samples.T]
    took_ns = []
    began_s = time.process_time()
    for first in range(0, len(samples) - CHUNK, CHUNK):
        rows = samples[first : first + CHUNK].T
        began_ns = time.perf_counter_ns()
        for chain, row in zip(chains, rows, strict=True):
            chain(row)
        took_ns.append(time.perf_counter_ns() - began_ns)
    mean_us = 1e6 * (time.process_time() - began_s) / len(took_ns)
    p50, p95 = np.percentile(took_ns, [50, 95]) / 1000.0
    return {"p50": float(p50), "p95": float(p95), "mean": mean_us}


def loops(*, on):
    """Switch the compiled loops on or off; whether they are what was asked for."""
    if on:
        sys.modules.pop("numba", None) if sys.modules.get("numba", 1) is None else None
    else:
        sys.modules["numba"] = None
        sys.modules.pop("emgmon.dsp.kernel", None)
    compiled.kernel.cache_clear()
    return (compiled.kernel() is not None) == on


def measure(minutes=10.0, channels=8, turns=3):
    """Return all figures by name; CPU s offline, µs live. Those of the compiled loops are missing without numba."""
    plain, humming = session(minutes, channels), session(minutes, channels, 20.0)
    short = np.ascontiguousarray(session(min(minutes, 0.5), channels))
    sos, rows = design(BandPassSettings(), FS_HZ), np.ascontiguousarray(plain.T)
    found = {
        "minutes": minutes,
        "channels": channels,
        "copy_s": used_s(rows.copy, turns),
        "sosfilt_s": used_s(lambda: signal.sosfilt(sos, rows), turns),
    }
    kept = sys.modules.get("numba")
    for name in ("kernel", "numpy"):
        if not loops(on=name == "kernel"):
            continue
        offline_s(plain[:20_000, :1], 250, 1)  # compiles, fills caches
        live_us(short[:2000])
        found[f"{name}_s"] = offline_s(plain, len(plain), turns)
        found[f"{name}_blocks_of_1_s_s"] = offline_s(plain, round(FS_HZ), turns)
        found[f"{name}_hum_s"] = offline_s(humming, len(humming), turns)
        for key, value in live_us(short).items():
            found[f"{name}_live_{key}_us"] = value
    sys.modules.pop("numba", None)
    if kept is not None:
        sys.modules["numba"] = kept
    compiled.kernel.cache_clear()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--channels", type=int, default=8)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.minutes, given.channels, given.turns)
    if given.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{given.channels} channels, {given.minutes:g} min at {FS_HZ:g} Hz; CPU s, and how many times sosfilt")
    for key, value in found.items():
        if key.endswith("_s"):
            print(f"  {key[:-2]:28} {value:9.4f}  {value / found['sosfilt_s']:8.2f}")
    print(f"One chunk of {CHUNK} ms, all channels, us")
    for key, value in found.items():
        if key.endswith("_us"):
            print(f"  {key[:-3]:28} {value:9.1f}")


if __name__ == "__main__":
    main()
