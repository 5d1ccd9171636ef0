"""Sample counters: samples that never arrived, and samples that came twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emgmon.model import Array, SampleBlock

MAX_FILL_S = 5.0
"""A longer hole is counted in full, but only this much of it is handed on as NaN."""


@dataclass(slots=True)
class SampleCounter:
    """Follows the index of one stream; online, no delay.

    Attributes
    ----------
    received, lost, repeated : int
        Samples that came, that are missing by the index, and that came again or too late.
    """

    received: int = 0
    lost: int = 0
    repeated: int = 0
    _expected: int | None = None

    def restart(self) -> None:
        """Forget the index: the sensor starts at 0 again."""
        self._expected = None

    @property
    def expected(self) -> int | None:
        """Index of the next sample; None before the first."""
        return self._expected

    def follow(self, n: int, expected: int) -> None:
        """Take n samples that followed the last ones; `expected` is the index of the next."""
        self.received += n
        self._expected = expected

    def take(self, block: SampleBlock) -> tuple[Array, int]:
        """Fill a hole before a block with NaN and cut what came twice.

        Parameters
        ----------
        block : SampleBlock
            The next block of the stream as it came.

        Returns
        -------
        samples : (n_samples, n_channels) array
            Without repeated samples, with at most `MAX_FILL_S` of leading NaN; empty for a block that came twice.
        first : int
            Index of the first row of `samples`.
        """
        samples, first = block.samples, block.first
        n = len(samples)
        if n and first == self._expected:
            self.received += n
            self._expected = first + n
            return samples, first
        expected = first if self._expected is None else self._expected
        if first < expected:
            twice = min(expected - first, len(samples))
            self.repeated += twice
            samples, first = samples[twice:], first + twice
        if not len(samples):
            return samples, first
        self.received += len(samples)
        self._expected = first + len(samples)
        hole = first - expected
        if hole <= 0:
            return samples, first
        self.lost += hole
        fill = min(hole, int(MAX_FILL_S * block.stream.fs_hz))
        return np.concatenate([np.full((fill, samples.shape[1]), np.nan), samples]), first - fill
