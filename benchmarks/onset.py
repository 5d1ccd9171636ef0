# ruff: noqa: PLC0415, S603 - peers live in another environment; the commands are our own
"""Onsets against known truth: ``python benchmarks/onset.py [--quick] [--json] [--peers]``.

Simulated signals: 1000 Hz, Gaussian noise with the spectrum of surface EMG whose amplitude rises as a step, a raised
cosine of 100 ms, a line, a square or an exponential of 200 ms, over white noise in the band of 20 to 450 Hz; 20 bursts
of 1.2 s in 62 s. The detector was tuned on seeds 0 to 7, the table is made from seeds 100 on; its own list of rise
lengths holds none of these. An onset counts when it is within 0.35 s before and 0.4 s after a true one, each once.

``--peers`` makes a temporary virtual environment with the peers and runs them on the same signals.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import platform
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import signal

FS_HZ = 1000.0
SHAPES: dict[str, Callable[[Any], Any]] = {
    "step": lambda t: (t >= 0) * 1.0,
    "ramp (cosine)": lambda t: 0.5 - 0.5 * np.cos(np.pi * np.clip(t / 0.1, 0, 1)),
    "linear": lambda t: np.clip(t / 0.2, 0, 1),
    "quadratic": lambda t: np.clip(t / 0.2, 0, 1) ** 2,
    "exponential": lambda t: 1 - np.exp(-3 * np.maximum(t, 0) / 0.2),
}
SNRS_DB = (0, 5, 10, 20)
PEERS = ("neurokit2", "peakutils", "biosppy", "PyQt5", "myonset", "biokinesis-sdk")
PEER_SEEDS = 2
"""Some peers take minutes: they get the first two recordings of each cell."""


def recording(shape: str, snr_db: int, seed: int, n: int = 20) -> tuple[Any, Any]:
    """Make one channel and its true onsets in s."""
    rng = np.random.default_rng([seed, snr_db, list(SHAPES).index(shape)])
    starts_s = 2.0 + 3.0 * np.arange(n) + rng.uniform(-0.5, 0.5, n)
    time_s = np.arange(int((2 + 3 * n) * FS_HZ)) / FS_HZ
    f_hz = np.fft.rfftfreq(len(time_s), 1 / FS_HZ)
    response = f_hz**2 / ((f_hz**2 + 60.0**2) * (f_hz**2 + 120.0**2))
    emg = np.fft.irfft(np.fft.rfft(rng.standard_normal(len(time_s))) * response, len(time_s))
    sos = signal.butter(2, (20.0, 450.0), "bandpass", fs=FS_HZ, output="sos")
    noise = signal.sosfiltfilt(sos, rng.standard_normal(len(time_s)))
    amplitude = np.zeros(len(time_s))
    for start_s in starts_s:
        since = time_s - start_s
        amplitude += SHAPES[shape](since) * np.clip((1.2 - since) / 0.2, 0, 1) * (since >= 0)
    return amplitude * emg / emg.std() * 10 ** (snr_db / 20) + noise / noise.std(), starts_s


def compared(found_s: Any, true_s: Any) -> tuple[list[float], int, int]:
    """Errors in ms, missed and false onsets."""
    errors, used = [], set()
    for true in true_s:
        near = [k for k, found in enumerate(found_s) if -0.35 < found - true < 0.4 and k not in used]
        if near:
            best = min(near, key=lambda k: abs(found_s[k] - true))
            used.add(best)
            errors.append(1e3 * (found_s[best] - true))
    return errors, len(true_s) - len(errors), len(found_s) - len(used)


def rows_of(detect: Callable[[Any], Any], seeds: range, method: str) -> list[dict[str, Any]]:
    """One row for each shape and SNR."""
    rows = []
    for shape in SHAPES:
        for snr_db in SNRS_DB:
            errors: list[float] = []
            missed = false = n = 0
            minutes = cpu_s = 0.0
            for seed in seeds:
                samples, true_s = recording(shape, snr_db, seed)
                begin = time.process_time()
                try:
                    found_s = detect(samples)
                except (ValueError, IndexError, TypeError, KeyError):
                    found_s = np.empty(0)
                cpu_s += time.process_time() - begin
                some, lost, extra = compared(np.asarray(found_s, float), true_s)
                errors, missed, false = errors + some, missed + lost, false + extra
                n, minutes = n + len(true_s), minutes + len(samples) / FS_HZ / 60
            rows.append(
                {
                    "method": method,
                    "shape": shape,
                    "snr_db": snr_db,
                    "median_error_ms": float(np.median(np.abs(errors))) if errors else None,
                    "bias_ms": float(np.median(errors)) if errors else None,
                    "missed_percent": 100 * missed / n,
                    "false_per_min": false / minutes,
                    "cpu_s_per_min": cpu_s / minutes,
                }
            )
    return rows


def as_peer(seeds: range) -> list[dict[str, Any]]:
    """Run inside the peers' environment: those that are there, with what their documents advise."""
    detectors: dict[str, Callable[[Any], Any]] = {}
    with contextlib.suppress(ImportError):
        import neurokit2 as nk

        def neurokit(method: str) -> Callable[[Any], Any]:
            def detect(x: Any) -> Any:
                amplitude = nk.emg_amplitude(x)
                _table, info = nk.emg_activation(amplitude, x, sampling_rate=1000, method=method)
                return np.asarray(info["EMG_Onsets"]) / FS_HZ

            return detect

        detectors |= {f"NeuroKit2 {method}": neurokit(method) for method in ("threshold", "biosppy")}
    with contextlib.suppress(ImportError):
        from biosppy.signals import emg

        settings = {"threshold": 5.0, "active_state_duration": 50, "samples_above_fail": 6, "fail_size": 25}

        def bonato(x: Any) -> Any:
            both = emg.bonato_onset_detector(x, rest=x[:1400], sampling_rate=FS_HZ, **settings)["onsets"]
            return np.asarray(both)[::2] / FS_HZ

        detectors["BioSPPy bonato"] = bonato
    with contextlib.suppress(ImportError):
        import myonset

        def by_myonset(x: Any) -> Any:
            times = np.arange(len(x)) / FS_HZ - 1.4
            starts, _stops = myonset.get_onsets(x, times, sf=FS_HZ)
            return np.asarray(starts, float) / FS_HZ

        detectors["myonset"] = by_myonset
    with contextlib.suppress(ImportError):
        from biokinesis_sdk.emg.analysis import detect_muscle_onset

        def biokinesis(x: Any) -> Any:
            found = detect_muscle_onset(x, sample_rate=FS_HZ, baseline_duration_s=1.4)
            return np.array([item["onset_time_s"] for item in found])

        detectors["biokinesis"] = biokinesis
    return [row for name, detect in detectors.items() for row in rows_of(detect, seeds, name)]


def peers(n_seeds: int) -> tuple[list[dict[str, Any]], list[str], dict[str, str]]:
    """Install the peers beside us, run them, and say which could not be installed and which versions ran."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        absent = [
            name
            for name in PEERS
            if subprocess.run([python, "-m", "pip", "install", "-q", name], capture_output=True, check=False).returncode
        ]
        done = subprocess.run(
            [python, "-W", "ignore", __file__, "--as-peer", str(n_seeds)], capture_output=True, text=True, check=True
        )
        listed = subprocess.run(
            [python, "-m", "pip", "list", "--format=json"], capture_output=True, text=True, check=True
        )
        wanted = {name.lower().replace("_", "-") for name in PEERS}
        versions = {
            item["name"]: item["version"]
            for item in json.loads(listed.stdout)
            if item["name"].lower().replace("_", "-") in wanted
        }
        return json.loads(done.stdout.splitlines()[-1]), absent, versions


def cost_s() -> float:
    """CPU seconds for 8 channels of 10 minutes, least of three."""
    from emgmon.dsp.bursts import find_bursts

    samples = np.concatenate([recording("linear", 10, seed)[0] for seed in range(10)])[:600_000]
    times = []
    for _ in range(3):
        begin = time.process_time()
        for _channel in range(8):
            find_bursts(samples, FS_HZ)
        times.append(time.process_time() - begin)
    return min(times)


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown: a line for each method and shape, a cell for each SNR."""
    lines = [
        "| method | shape | " + " | ".join(f"{snr} dB" for snr in SNRS_DB) + " | CPU s/min |",
        "| --- | --- |" + " --- |" * (len(SNRS_DB) + 1),
    ]
    for method, shape in dict.fromkeys((row["method"], row["shape"]) for row in rows):
        found = [row for row in rows if (row["method"], row["shape"]) == (method, shape)]
        cells = []
        for row in found:
            error = "–" if row["median_error_ms"] is None else f"{row['median_error_ms']:.1f}"
            cells.append(f"{error} ({row['missed_percent']:.1f} %, {row['false_per_min']:.2f})")
        lines.append(
            f"| {method} | {shape} | {' | '.join(cells)} | {np.mean([r['cpu_s_per_min'] for r in found]):.4f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two recordings for each cell instead of ten")
    parser.add_argument("--json", action="store_true", help="print numbers for programs")
    parser.add_argument("--peers", action="store_true", help="install the peers in a temporary place and run them")
    parser.add_argument("--as-peer", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.as_peer:
        print(json.dumps(as_peer(range(100, 100 + options.as_peer))))
        return
    from emgmon.dsp.bursts import find_bursts

    n_seeds = 2 if options.quick else 10
    rows = rows_of(lambda x: find_bursts(x, FS_HZ).onset_s, range(100, 100 + n_seeds), "emgmon")
    absent: list[str] = []
    versions: dict[str, str] = {}
    if options.peers:
        others, absent, versions = peers(min(n_seeds, PEER_SEEDS))
        rows += others
    took_s = cost_s()
    if options.json:
        print(json.dumps({"rows": rows, "cost_s": took_s, "not_installable": absent, "versions": versions}, indent=1))
        return
    print(table(rows))
    print("\nMedian |error| in ms (missed, false onsets a minute).")
    print(
        f"8 channels of 10 minutes: {took_s:.2f} s of CPU, Python {platform.python_version()}, numpy {np.__version__}"
    )
    if versions:
        print("Peers: " + ", ".join(f"{name} {version}" for name, version in sorted(versions.items())))
    if absent:
        print(f"Could not be installed: {', '.join(absent)}")


if __name__ == "__main__":
    main()
