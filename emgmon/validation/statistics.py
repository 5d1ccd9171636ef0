"""Rows that need no signal: how often intervals cover the truth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emgmon.metrics.estimates import interval
from emgmon.model import Array
from emgmon.validation.table import Measurement

SETS_A_SEED = 1000
SPREAD = 0.12
"""SD from rep to rep, ln; any value gives the same coverage."""


def coverage(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Share of simulated sets whose 95 % interval holds the true mean, %."""
    del quick
    out = []
    for n_reps in (8, 10, 12):
        for correlation in (0.0, 0.3):
            for trend in (0.0, 0.03):
                held = 0
                for seed in seeds:
                    rng = np.random.default_rng([seed, n_reps, round(10 * correlation), round(100 * trend)])
                    index = np.arange(1.0, n_reps + 1)
                    for values in correlated(rng, SETS_A_SEED, n_reps, correlation):
                        low, high = interval(index, SPREAD * values + trend * (index - index.mean()))[:2]
                        held += low <= 0.0 <= high
                n = SETS_A_SEED * len(seeds)
                conditions = {"reps": float(n_reps), "autocorrelation": correlation, "trend_per_rep": trend}
                out.append(Measurement("coverage", 100.0 * held / n, "%", n, seeds, conditions))
    return out


def correlated(rng: np.random.Generator, n_sets: int, n_reps: int, correlation: float) -> Array:
    """Gaussian sequences of unit variance whose neighbours correlate, (n_sets, n_reps)."""
    values = rng.standard_normal((n_sets, n_reps))
    for k in range(1, n_reps):
        values[:, k] = correlation * values[:, k - 1] + np.sqrt(1.0 - correlation**2) * values[:, k]
    return np.asarray(values, np.float64)
