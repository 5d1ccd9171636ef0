import math

import numpy as np
import pytest

from emgmon.metrics import set_estimates
from emgmon.metrics.estimates import interval, welch_interval
from emgmon.model import Rep, RepSummary, Value


def rep(index, value, *, valid=True):
    return RepSummary(Rep(index, 0, 1, 2, 3), (Value("sdi", "hold", "both", value, "ln"),), (), valid, "unknown")


def test_mean_and_halves_of_a_set():
    (estimate,) = set_estimates([rep(k, v) for k, v in enumerate([0.0, 0.1, 0.0, 0.5, 0.6, 0.5], 1)])
    assert estimate.n == 6
    assert estimate.mean == pytest.approx(1.7 / 6)
    assert estimate.first == pytest.approx(0.1 / 3)
    assert estimate.last == pytest.approx(1.6 / 3)
    assert estimate.change_low < 0.5 < estimate.change_high
    assert estimate.change_low > 0.2


def test_too_few_reps_have_a_mean_and_no_interval():
    (estimate,) = set_estimates([rep(k, 0.1 * k) for k in range(1, 5)])
    assert estimate.mean == pytest.approx(0.25)
    assert math.isnan(estimate.low)
    assert math.isnan(estimate.change_low)


def test_reps_without_a_value_or_not_valid_do_not_count():
    reps = [rep(k, 0.2 + 0.01 * k) for k in range(1, 9)] + [rep(9, math.nan), rep(10, 5.0, valid=False)]
    (estimate,) = set_estimates(reps)
    assert estimate.n == 8
    assert estimate.high < 1.0


def test_less_than_six_in_ten_valid_gives_no_interval():
    reps = [rep(k, 0.1, valid=k <= 5) for k in range(1, 11)]
    (estimate,) = set_estimates(reps)
    assert math.isnan(estimate.low)


@pytest.mark.parametrize(("autocorrelation", "least", "most"), [(0.0, 0.93, 0.985), (0.3, 0.88, 0.97)])
def test_interval_covers_what_it_says(autocorrelation, least, most):
    """Simulated coverage of the nominal 95 % at ten reps, with and without resemblance of neighbours."""
    rng = np.random.default_rng(11)
    index, hits, runs = np.arange(1.0, 11.0), 0, 1500
    for _ in range(runs):
        noise = rng.normal(size=30)
        for k in range(1, 30):
            noise[k] = autocorrelation * noise[k - 1] + math.sqrt(1 - autocorrelation**2) * noise[k]
        found = interval(index, 0.7 + 0.12 * noise[-10:])
        hits += found.low <= 0.7 <= found.high
    assert least <= hits / runs <= most


def test_slope_of_a_straight_line_is_exact():
    index = np.arange(1.0, 9.0)
    found = interval(index, 0.1 * index)
    assert found.slope == pytest.approx(0.1)
    assert found.slope_half == pytest.approx(0.0, abs=1e-9)


def test_welch_matches_the_textbook():
    from scipy import stats  # noqa: PLC0415 - slow to import, only here

    first, last = np.array([1.0, 2.0, 4.0, 3.0]), np.array([5.0, 9.0, 7.0])
    low, high = welch_interval(first, last)
    expected = stats.ttest_ind(last, first, equal_var=False).confidence_interval(0.95)
    assert (low, high) == pytest.approx((expected.low, expected.high))
    assert all(math.isnan(bound) for bound in welch_interval(first[:1], last))
