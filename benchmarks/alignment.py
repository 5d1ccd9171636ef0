"""How well four estimators put two sensors on one clock, on three kinds of links, after 5 s, 30 s and 10 min.

``python benchmarks/alignment.py [SEEDS]``. The links are those of `emgmon validate --rows alignment`: connection events
with repetitions, the operating system's batches, stalls and gaps. The error is the difference of two sensors' errors
over what their links delay at least, in ms: what stays when both links are alike. The estimators see the same packets.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable

import numpy as np

import firmware_sim
from emgmon.timing.align import ClockFit
from emgmon.validation.clocks import LINKS, PACKET_S, SKEW_PPM, Link
from firmware_sim.faults import Timing

LENGTH_S = 600.0
AT_S = {"5 s": (3.0, 7.0), "30 s": (25.0, 35.0), "10 min": (560.0, 600.0)}
"""Moments of the table, and the time over which errors are taken for each."""

Pairs = list[tuple[float, float, float]]
"""True time of sampling, time on the sensor's clock, arrival; s."""


class Arrival:
    """A sample was taken when its packet arrived."""

    def add(self, device_s: float, host_s: float) -> None:
        """Take the times of one packet."""
        self._offset_s = host_s - device_s

    def session_s(self, device_s: float) -> float:
        """Host time of a moment on the sensor's clock."""
        return device_s + self._offset_s


class Regression:
    """Least squares of the delay over the sensor's time, all packets since the beginning."""

    def __init__(self) -> None:
        self._sums = np.zeros(5)

    def add(self, device_s: float, host_s: float) -> None:
        """Take the times of one packet."""
        delay_s = host_s - device_s
        self._sums += (1.0, device_s, delay_s, device_s * device_s, device_s * delay_s)

    def session_s(self, device_s: float) -> float:
        """Host time of a moment on the sensor's clock."""
        n, x, y, xx, xy = self._sums
        spread = n * xx - x * x
        slope = (n * xy - x * y) / spread if spread > 0 else 0.0
        return float(device_s + y / n + slope * (device_s - x / n))


class Forgetting:
    """Recursive least squares with forgetting, as the Lab Streaming Layer smooths: half of the weight is 90 s old.

    After the published description (P and w of a line, forgetting factor 2^(-1/(rate·half-time))).
    """

    HALF_S = 90.0

    def __init__(self) -> None:
        self._weights = np.zeros(2)
        self._covariance = np.diag([1e10, 1e10])
        self._origin: tuple[float, float] | None = None

    def add(self, device_s: float, host_s: float) -> None:
        """Take the times of one packet."""
        self._origin = self._origin or (device_s, host_s)
        u = np.array([1.0, device_s - self._origin[0]])
        forget = 2.0 ** (-PACKET_S / self.HALF_S)
        gain = self._covariance @ u / (forget + u @ self._covariance @ u)
        self._weights = self._weights + gain * (host_s - self._origin[1] - u @ self._weights)
        self._covariance = (self._covariance - np.outer(gain, u) @ self._covariance) / forget

    def session_s(self, device_s: float) -> float:
        """Host time of a moment on the sensor's clock."""
        assert self._origin is not None
        return float(self._origin[1] + self._weights[0] + self._weights[1] * (device_s - self._origin[0]))


ESTIMATORS: dict[str, Callable[[], Arrival | Regression | Forgetting | ClockFit]] = {
    "arrival time": Arrival,
    "regression": Regression,
    "recursive, half-time 90 s": Forgetting,
    "emgmon (lower hull)": ClockFit,
}


def pairs(link: Link, rng: np.random.Generator) -> Pairs:
    """Simulate what one sensor and its link bring in ten minutes."""
    skew = 1.0 + rng.uniform(-SKEW_PPM, SKEW_PPM) * 1e-6
    timing = Timing(firmware_sim.Faults(interval_s=link.interval_s, retry_share=link.retry_share), rng)
    held_until_s = silent_until_s = 0.0
    out = []
    for true_s in np.arange(PACKET_S * (1.0 + rng.random()), LENGTH_S, PACKET_S).tolist():
        if rng.random() < link.stall_share:
            held_until_s = true_s + rng.exponential(link.stall_s)
        if rng.random() < link.gap_share:
            silent_until_s = true_s + rng.uniform(0.5, 3.0)
        if true_s >= silent_until_s:
            arrival_s = max(timing.arrival_s(true_s) + rng.exponential(link.late_s), held_until_s)
            if link.batch_s:
                arrival_s = math.ceil(arrival_s / link.batch_s) * link.batch_s
            out.append((true_s, true_s * skew, arrival_s))
    return out


def errors_s(name: str, heard: Pairs) -> np.ndarray:
    """Error of the published time each half second, s, (n,)."""
    fit = ESTIMATORS[name]()
    out: list[float] = []
    for true_s, device_s, host_s in heard:
        fit.add(device_s, host_s)
        while true_s >= 0.5 * (len(out) + 1):
            out.append(fit.session_s(device_s) - true_s)
    return np.array(out)


def main(n_seeds: int) -> None:
    """Print the table."""
    print(
        f"ms mean/p95 of {n_seeds} pairs of sensors, packets of {1000 * PACKET_S:.0f} ms, clocks within {SKEW_PPM} ppm"
    )
    print(f"{'':28}" + "".join(f"{f'{link} {at}':>18}" for link in LINKS for at in AT_S) + f"{'µs/packet':>11}")
    for name in ESTIMATORS:
        cells, took_s, packets = [], 0.0, 0
        for link in LINKS.values():
            found: dict[str, list[np.ndarray]] = {at: [] for at in AT_S}
            for seed in range(n_seeds):
                heard = [pairs(link, np.random.default_rng([seed, which])) for which in (0, 1)]
                began_s = time.process_time()
                first, second = (errors_s(name, each) for each in heard)
                took_s += time.process_time() - began_s
                packets += sum(map(len, heard))
                n = min(len(first), len(second))
                for at, (start_s, stop_s) in AT_S.items():
                    rows = slice(round(start_s / 0.5), min(round(stop_s / 0.5), n))
                    found[at].append(1e3 * np.abs(first[rows] - second[rows]))
            for parts in found.values():
                values = np.concatenate(parts)
                cells.append(f"{values.mean():.1f}/{np.percentile(values, 95):.1f}")
        print(f"{name:28}" + "".join(f"{cell:>18}" for cell in cells) + f"{1e6 * took_s / packets:11.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
