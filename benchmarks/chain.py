"""Cost of the EMG chain, with and without compiled loops: ``python benchmarks/chain.py [--minutes 10] [--json]``.

The whole chain of each channel: mains, band-pass, envelope (mean squares of 10 ms) and quality. CPU seconds of one
process, the smallest of some turns; beside them what the machine needs to copy the samples and SciPy's `sosfilt` alone,
in the same run. The signal is simulated: rest, and a burst each four seconds; with hum of 20 µV
(``hum``), and with a heart that is taken out (``back``).
"""

import argparse
import json
import sys
import time

import numpy as np
from scipy import signal

from emgmon.dsp import compiled
from emgmon.dsp.envelope import HopPower
from emgmon.dsp.filters import ERECTOR_SPINAE, BandPassSettings, design
from emgmon.pipeline.chain import Chain

CHUNK_S = 0.020
THIGH = BandPassSettings()


def session(seconds, fs_hz, channels, hum_uv=0.0, seed=0):
    """Return simulated channels, (n, channels), µV: noise of 2 µV, bursts of 80 µV, an offset, steps of a converter."""
    rng = np.random.default_rng(seed)
    n = round(seconds * fs_hz)
    time_s = np.arange(n)[:, None] / fs_hz
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


def offline_s(samples, fs_hz, size, turns, settings=THIGH):
    """CPU time of the chain over all channels, so many samples at once."""

    def act():
        for channel in samples.T:
            chain, hops = Chain(fs_hz, "uv", settings), HopPower(fs_hz)
            for first in range(0, len(channel), size):
                hops(chain(channel[first : first + size])[0])

    return used_s(act, turns)


def live_us(samples, fs_hz):
    """Time of one chunk in the chains of all channels: median on the wall, and mean of CPU."""
    chains, size = [Chain(fs_hz, "uv") for _ in samples.T], round(CHUNK_S * fs_hz)
    took_ns = []
    began_s = time.process_time()
    for first in range(0, len(samples) - size, size):
        rows = samples[first : first + size].T
        began_ns = time.perf_counter_ns()
        for chain, row in zip(chains, rows, strict=True):
            chain(row)
        took_ns.append(time.perf_counter_ns() - began_ns)
    mean_us = 1e6 * (time.process_time() - began_s) / len(took_ns)
    return float(np.median(took_ns)) / 1000.0, mean_us


def loops(*, on):
    """Switch the compiled loops on or off; whether they are what was asked for."""
    if not on:
        sys.modules["numba"] = None
        sys.modules.pop("emgmon.dsp.kernel", None)
    elif "numba" in sys.modules and sys.modules["numba"] is None:
        del sys.modules["numba"]
    compiled.forget()
    return (compiled.kernel() is not None) == on


def measure(seconds=600.0, fs_hz=1000.0, channels=8, turns=3):
    """Return all figures by name, CPU s offline and µs live; those of ``kernel`` are missing without numba."""
    plain, humming = session(seconds, fs_hz, channels), session(seconds, fs_hz, channels, 20.0)
    beating = plain.copy(order="F")
    beating[:: round(0.9 * fs_hz)] += 150.0
    short = np.ascontiguousarray(plain[: round(30.0 * fs_hz)])
    sos, rows = design(BandPassSettings(), fs_hz), np.ascontiguousarray(plain.T)
    found = {"copy_s": used_s(rows.copy, turns), "sosfilt_s": used_s(lambda: signal.sosfilt(sos, rows), turns)}
    kept = sys.modules.get("numba")
    for name in ("", "kernel_"):
        if not loops(on=bool(name)):
            continue
        offline_s(plain[: round(20 * fs_hz), :1], fs_hz, 250, 1)  # compiles, fills caches
        live_us(short[: round(3 * fs_hz)], fs_hz)
        found[f"{name}offline_s"] = offline_s(plain, fs_hz, len(plain), turns)
        found[f"{name}by_the_second_s"] = offline_s(plain, fs_hz, round(fs_hz), turns)
        found[f"{name}hum_s"] = offline_s(humming, fs_hz, len(humming), turns)
        found[f"{name}back_s"] = offline_s(beating, fs_hz, len(beating), turns, ERECTOR_SPINAE)
        found[f"{name}live_us"], found[f"{name}live_mean_us"] = live_us(short, fs_hz)
    sys.modules.pop("numba", None)
    if kept is not None:
        sys.modules["numba"] = kept
    compiled.forget()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--channels", type=int, default=8)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(60.0 * given.minutes, channels=given.channels, turns=given.turns)
    if given.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{given.channels} channels, {given.minutes:g} min at 1000 Hz; CPU s, and how many times sosfilt")
    for key, value in found.items():
        if key.endswith("_s"):
            print(f"  {key[:-2]:24} {value:9.4f}  {value / found['sosfilt_s']:8.2f}")
    print("A chunk of 20 ms of all channels, µs: median (no verdict is due in it), and mean")
    for key, value in found.items():
        if key.endswith("_us"):
            print(f"  {key[:-3]:24} {value:9.1f}")


if __name__ == "__main__":
    main()
