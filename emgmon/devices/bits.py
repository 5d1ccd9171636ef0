"""Integers of widths that NumPy does not know."""

from __future__ import annotations

import numpy as np

from emgmon.model import Array


def int24(raw: bytes) -> Array:
    """Read signed little-endian integers of 24 bits; what is left over at the end is dropped. Vectorised."""
    octets = np.frombuffer(raw[: len(raw) // 3 * 3], np.uint8).reshape(-1, 3).astype(np.int32)
    counts = octets[:, 0] | octets[:, 1] << 8 | octets[:, 2] << 16
    return np.asarray((counts ^ 0x800000) - 0x800000, np.float64)
