"""How lively each channel of a recording is, where no channel bears a muscle's name that an analysis could use."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from emgmon.devices import driver_named
from emgmon.model import MUSCLE_QUANTITIES, Array, Entry, Mark, TimedBlock
from emgmon.pipeline.intake import DeviceIntake

BIN_S = 0.1
LONGEST_S = 48 * 3600.0
"""A session that seems longer is a damaged clock."""


class Spread:
    """Count, sum and sum of squares of a channel's samples in each tenth of a second."""

    def __init__(self) -> None:
        self.sums = np.zeros((3, 600))

    def add(self, bins: np.ndarray[tuple[int], np.dtype[np.int64]], values: Array) -> None:
        """Add samples to their bins; lost ones are left out."""
        here = np.isfinite(values) & (bins >= 0)
        bins, values = bins[here], values[here]
        if not bins.size:
            return
        while bins[-1] >= self.sums.shape[1]:
            self.sums = np.concatenate((self.sums, np.zeros_like(self.sums)), axis=1)
        for row, item in zip(self.sums, (np.ones_like(values), values, values * values), strict=True):
            np.add.at(row, bins, item)

    def spread(self, n: int) -> Array:
        """Return the standard deviation within each of the first `n` bins; NaN from fewer than two samples."""
        sums = np.zeros((3, n))
        there = min(n, self.sums.shape[1])
        sums[:, :there] = self.sums[:, :there]
        count = np.where(sums[0] >= 2, sums[0], np.nan)
        mean = sums[1] / count
        return np.asarray(np.sqrt(np.maximum(0.0, sums[2] / count - mean * mean)))


def spreads(entries: Iterable[Entry]) -> tuple[Array, dict[str, Array]]:
    """Decode a recording and measure how much each channel varies.

    Returns
    -------
    time_s : (n,) array
        Middles of tenths of a second of session time.
    spread : dict of str to (n,) array
        Standard deviation within each, in the channel's own unit, by the channel's name, muscles first; NaN where
        nothing came.
    """
    devices: dict[str, DeviceIntake] = {}
    channels: dict[str, Spread] = {}
    epoch_ns: int | None = None
    end_s = 0.0
    for entry in entries:
        epoch_ns = entry.host_ns if epoch_ns is None else epoch_ns
        if (entry.host_ns - epoch_ns) * 1e-9 > LONGEST_S:
            break
        if isinstance(entry, Mark):
            _mark(devices, entry)
        elif entry.device in devices:
            for block in devices[entry.device].take(entry, epoch_ns):
                end_s = max(end_s, _add(channels, block))
    n = int(min(end_s, LONGEST_S) / BIN_S)
    ordered = sorted(channels, key=lambda name: not any(f" {quantity} " in name for quantity in MUSCLE_QUANTITIES))
    return BIN_S * (np.arange(n, dtype=np.float64) + 0.5), {name: channels[name].spread(n) for name in ordered}


def _mark(devices: dict[str, DeviceIntake], mark: Mark) -> None:
    name = str(mark.data.get("device", ""))
    if mark.kind == "device" and name not in devices:
        driver = driver_named(str(mark.data.get("driver", "")))
        if driver is not None:
            devices[name] = DeviceIntake(name, driver.decoder(name))
    elif mark.kind == "connected" and name in devices:
        devices[name].connected()


def _add(channels: dict[str, Spread], block: TimedBlock) -> float:
    """Add a block to its channels; returns when it ends."""
    stream, n = block.stream, len(block.samples)
    bins = np.floor((block.start_s + block.period_s * np.arange(n)) / BIN_S).astype(np.int64)
    for column in range(stream.width):
        name = f"{stream.device} {stream.quantity.replace('_', ' ')} {column + 1}"
        channels.setdefault(name, Spread()).add(bins, block.samples[:, column])
    return block.start_s + block.period_s * n
