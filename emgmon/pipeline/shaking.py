"""Sensors shaken together: their clocks are put on the one that is latest, from the end of the shaking on.

Published times never go back, so the earlier sensors are moved forward. What all have in common stays: at most the
delay of the slowest link, which no difference between muscles and no duration feels.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from emgmon.model import Array, TimedBlock
from emgmon.timing.tap import Lag, Shaken, lag_between

START, STOP = "tap_start", "tap_stop"
PARTS: Mapping[str, Mapping[str, slice]] = {
    "imu": {"angular_velocity": slice(3, 6), "acceleration": slice(0, 3)},
    "angular_velocity": {"angular_velocity": slice(0, 3)},
    "acceleration": {"acceleration": slice(0, 3)},
}


class Shaking:
    """Collects what motion sensors feel between two marks, and gives the shift of each; online."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._felt: dict[tuple[str, str], list[tuple[Array, Array]]] = {}

    @property
    def begun(self) -> bool:
        """Whether sensors are being shaken."""
        return self._since_s is not None

    def begin(self, t_s: float) -> None:
        """Collect from session time `t_s` on; packets of what comes after it are still to arrive."""
        self._since_s = t_s
        self._felt.clear()

    def add(self, block: TimedBlock) -> None:
        """Take a block of a motion sensor."""
        if self._since_s is None:
            return
        time_s = block.start_s + block.period_s * np.arange(len(block.samples), dtype=np.float64)
        for quantity, columns in PARTS.get(block.stream.quantity, {}).items():
            norm = np.sqrt((block.samples[:, columns] ** 2).sum(axis=1))
            self._felt.setdefault((block.stream.device, quantity), []).append((time_s, norm))

    def end(self, t_s: float) -> tuple[dict[str, float], str]:
        """Judge what was felt up to session time `t_s`.

        Returns
        -------
        shifts : dict of str to float
            Seconds to add to the times of each sensor, never negative; empty when nothing is to change.
        text : str
            What to tell the user.
        """
        if self._since_s is None:
            return {}, ""
        felt = {key: self._between(key, self._since_s, t_s) for key in self._felt}
        self._since_s = None
        self._felt.clear()
        devices = sorted({device for device, _quantity in felt})
        if len(devices) < 2:
            return {}, "Shaking was left out: it takes two sensors that feel movement."
        lags = {devices[0]: Lag(0.0, 1.0)} | {other: _lag(felt, devices[0], other) for other in devices[1:]}
        refused = [f"{device} ({lag.refusal})" for device, lag in lags.items() if lag.refusal]
        used = {device: lag.lag_s for device, lag in lags.items() if not lag.refusal}
        if len(used) < 2:
            return {}, f"Shaking was left out: {', '.join(refused)}. Shake all sensors in one hand, unevenly, for 5 s."
        latest_s = max(used.values())
        shifts = {device: latest_s - lag_s for device, lag_s in used.items()}
        told = ", ".join(f"{device} {1e3 * shift_s:.1f}" for device, shift_s in shifts.items() if shift_s)
        without = f" Not used: {', '.join(refused)}." if refused else ""
        least = min(lag.likeness for lag in lags.values() if not lag.refusal)
        return shifts, f"Sensors were shaken together (likeness {least:.3f}); moved by ms: {told}.{without}"

    def _between(self, key: tuple[str, str], start_s: float, stop_s: float) -> Shaken:
        time_s = np.concatenate([part[0] for part in self._felt[key]])
        norm = np.concatenate([part[1] for part in self._felt[key]])
        within = (time_s >= start_s) & (time_s <= stop_s)
        return Shaken(key[1], time_s[within], norm[within])


def _lag(felt: Mapping[tuple[str, str], Shaken], first: str, second: str) -> Lag:
    """Lag by what both feel, angular velocity first."""
    for quantity in ("angular_velocity", "acceleration"):
        if (first, quantity) in felt and (second, quantity) in felt:
            return lag_between(felt[first, quantity], felt[second, quantity])
    return Lag(0.0, 0.0, "it feels other things")
