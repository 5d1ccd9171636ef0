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


def covered(n, autocorrelation, runs, trend=0.0, seed=11):
    """Share of simulated sets of n reps whose interval holds the true mean; neighbours resemble each other (AR 1)."""
    rng = np.random.default_rng(seed)
    index = np.arange(1.0, n + 1.0)
    noise = rng.normal(size=(runs, 20 + n))
    for k in range(1, 20 + n):
        noise[:, k] = autocorrelation * noise[:, k - 1] + math.sqrt(1 - autocorrelation**2) * noise[:, k]
    values = 0.7 + trend * (index - index.mean()) + 0.12 * noise[:, -n:]
    return np.mean([(found := interval(index, row)).low <= 0.7 <= found.high for row in values])


@pytest.mark.slow
@pytest.mark.parametrize("n", range(8, 13))
@pytest.mark.parametrize(("autocorrelation", "least"), [(0.0, 0.93), (0.3, 0.89)])
@pytest.mark.parametrize("trend", [0.0, 0.05])
def test_interval_covers_what_it_says(n, autocorrelation, least, trend):
    assert least <= covered(n, autocorrelation, 4000, trend) <= 0.985


def test_interval_covers_roughly_what_it_says():
    assert 0.92 <= covered(10, 0.0, 400) <= 0.99


def test_the_interval_by_hand():
    """Five values without a trend: residuals ±0.1, r1 −0.8 + 0.4 clips to 0, so that all five count."""
    value = np.array([0.1, -0.1, 0.0, -0.1, 0.1]) + 1.0
    found = interval(np.arange(1.0, 6.0), value)
    error = math.sqrt(0.04 / 3 / 5)
    assert found.error == pytest.approx(error)
    assert found.freedom == 4.0
    assert (found.low, found.high) == pytest.approx((1.0 - 2.776445 * error, 1.0 + 2.776445 * error))


def test_neighbours_that_resemble_each_other_count_less():
    value = np.repeat([0.1, -0.1, 0.1, -0.1], 3)
    found = interval(np.arange(1.0, 13.0), value)
    assert found.freedom == pytest.approx(2.5)


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
