"""A line through days that scatter: a linear mixed model whose spread between days is partly known beforehand.

A set's value is intercept + slope·time + covariates + the day's own deviation (normal, spread σ) + the set's error
(known from its reps). σ has a prior worth `PRIOR_DAYS` days at the table's value (scaled inverse χ²), the rest none.
For each σ of a grid the answer is that of generalised least squares; the grid is weighted by prior and restricted
likelihood, so every probability allows for not knowing σ. With few days the table decides, with many the person's own
scatter. Offline; exact up to the grid.

Without prior, and with one set a day, this is restricted maximum likelihood: ``tests/metrics/test_trend.py`` holds it
against statsmodels where that is installed.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy

from emgmon.model import Array

Numbers = npt.NDArray[np.int_]

PRIOR_DAYS = 6
GRID = 61
REACH = 8.0
"""The grid of σ spans the guess divided and multiplied by this."""


class Posterior(NamedTuple):
    """What is known of the coefficients: a mixture of normal distributions, one for each σ of the grid.

    Attributes
    ----------
    sigma, weight : (k,) array
        Spread between days, and how likely each is; the weights sum to 1.
    mean : (k, p) array
        Coefficients, in the order of the columns of the design.
    covariance : (k, p, p) array
    """

    sigma: Array
    weight: Array
    mean: Array
    covariance: Array

    def centre(self, contrast: Array) -> float:
        """Return the mean of a sum of coefficients weighted by `contrast`, shape (p,)."""
        return float(self.weight @ (self.mean @ contrast))

    def above(self, contrast: Array, limit: float) -> float:
        """Return the probability that this sum lies above a limit."""
        centre, spread = self._parts(contrast)
        return float(self.weight @ scipy.special.ndtr((centre - limit) / spread))

    def bounds(self, contrast: Array) -> Array:
        """Return the bounds between which each sum lies with 95 %: (2,) for (p,), (m, 2) for (m, p)."""
        return np.stack([self._quantile(contrast, share) for share in (0.025, 0.975)], axis=-1)

    def _parts(self, contrast: Array) -> tuple[Array, Array]:
        """Centre and spread of each part of the mixture, (..., k)."""
        variance = np.einsum("...i,kij,...j->...k", contrast, self.covariance, contrast)
        return contrast @ self.mean.T, np.sqrt(np.maximum(variance, 1e-300))

    def _quantile(self, contrast: Array, share: float) -> Array:
        centre, spread = self._parts(contrast)
        low, high = (centre - 9.0 * spread).min(axis=-1), (centre + 9.0 * spread).max(axis=-1)
        for _ in range(60):
            middle = 0.5 * (low + high)
            below = scipy.special.ndtr((middle[..., None] - centre) / spread) @ self.weight < share
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(0.5 * (low + high), np.float64)


def fit(day: Numbers, design: Array, value: Array, error: Array, table: float) -> Posterior | None:
    """Fit the model of this module.

    Parameters
    ----------
    day : (n,) array of int
        Number of the day of each set, from 0 on without gaps.
    design : (n, p) array
        A column of ones, time, covariates.
    value, error : (n,) array
        Of each set, and its standard error within the set, >= 0.
    table : float
        Spread between days to start from; NaN when nothing is known: then there is no prior.

    Returns
    -------
    Posterior or None
        None when the columns cannot be told apart, or days are no more than columns.
    """
    days, columns = int(day.max()) + 1, design.shape[1]
    if days <= columns or np.linalg.matrix_rank(design) < columns:
        return None
    start, *_ = np.linalg.lstsq(design, value, rcond=None)
    scatter = float(np.sqrt(np.mean((value - design @ start) ** 2) * len(value) / max(days - columns, 1)))
    known = table > 0.0
    guess = max(table if known else scatter, 1e-9)
    top, bottom = max(guess, scatter) * REACH, guess / REACH
    sigma = np.exp(np.linspace(math.log(bottom), math.log(top), GRID))
    own = 1.0 / np.maximum(error, 1e-3 * bottom) ** 2
    sums = _sums_by_day(day, days, own, np.column_stack([design, value]))
    logs, means, covariances = zip(*(_given(each, sums, columns) for each in sigma), strict=True)
    log_weight = np.array(logs)
    if known:  # scaled inverse chi-squared, on the logarithm of σ
        log_weight = log_weight - PRIOR_DAYS * (np.log(sigma) + 0.5 * (table / sigma) ** 2)
    weight = np.exp(log_weight - log_weight.max())
    return Posterior(sigma, weight / weight.sum(), np.array(means), np.array(covariances))


class _Sums(NamedTuple):
    """Weighted sums within each day: of 1 (d,), of the columns (d, q), and of their products over all days (q, q)."""

    ones: Array
    columns: Array
    products: Array
    log_own: float


def _sums_by_day(day: Numbers, days: int, own: Array, columns: Array) -> _Sums:
    ones: Array = np.bincount(day, own, days).astype(np.float64)
    each = np.stack([np.bincount(day, own * column, days).astype(np.float64) for column in columns.T], axis=1)
    return _Sums(ones, each, (columns * own[:, None]).T @ columns, float(np.log(own).sum()))


def _given(sigma: float, sums: _Sums, p: int) -> tuple[float, Array, Array]:
    """Restricted log-likelihood, coefficients and their covariance for one spread between days.

    The covariance matrix of a day's sets, D + σ²·11', is inverted in closed form (Sherman and Morrison).
    """
    share = sigma**2 / (1.0 + sigma**2 * sums.ones)
    cross = sums.products - (sums.columns * share[:, None]).T @ sums.columns
    precision, right, square = cross[:p, :p], cross[:p, p], cross[p, p]
    scaled = np.sqrt(np.diag(precision))
    covariance = np.linalg.inv(precision / np.outer(scaled, scaled)) / np.outer(scaled, scaled)
    mean = covariance @ right
    rest = max(float(square - right @ mean), 0.0)
    log_v = float(np.log1p(sigma**2 * sums.ones).sum()) - sums.log_own
    log_det = float(np.linalg.slogdet(precision)[1])
    return -0.5 * (log_v + log_det + rest), mean, covariance
