"""How much each channel hears in its quietest moments: the noise, before a rest was recorded."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

import numpy as np

from emgmon.model import Placement, SignalSeen

PIECE_S = 0.25
PIECES = 80
"""Twenty seconds of pieces are kept."""
LEAST = 8
QUIET_PERCENT = 10.0


class Quiet:
    """Keeps the RMS of the last pieces of each channel; online."""

    def __init__(self) -> None:
        self._pieces: dict[Placement, deque[float]] = {}
        self._open: dict[Placement, tuple[float, float]] = {}

    def take(self, block: SignalSeen) -> None:
        """Take the next filtered samples of a channel."""
        known = block.samples[np.isfinite(block.samples)]
        length_s, square = self._open.get(block.placement, (0.0, 0.0))
        length_s += len(known) * block.period_s
        square += float(known @ known) * block.period_s
        if length_s >= PIECE_S:
            self._pieces.setdefault(block.placement, deque(maxlen=PIECES)).append((square / length_s) ** 0.5)
            length_s = square = 0.0
        self._open[block.placement] = length_s, square

    def levels(self) -> Mapping[Placement, float]:
        """Return what each channel hears when it is quiet, in its unit; of channels that were heard for 2 s."""
        return {
            place: float(np.percentile(pieces, QUIET_PERCENT))
            for place, pieces in self._pieces.items()
            if len(pieces) >= LEAST
        }
