"""The mixed model: by hand, against simulated truth, and against another implementation."""

import warnings

import numpy as np
import pytest

from emgmon.metrics.trend import fit

NO_PRIOR = float("nan")


def line(days, sets=1, *, sigma=0.3, error=0.1, slope=0.1, seed=1):
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), sets)
    design = np.column_stack([np.ones(len(day)), day - day.mean()])
    value = design @ [1.0, slope] + rng.normal(0, sigma, days)[day] + rng.normal(0, error, len(day))
    return day, design, value, np.full(len(day), error)


def test_without_error_within_sets_and_much_prior_it_is_least_squares():
    day, design, value, error = line(8)
    posterior = fit(day, design, value, 0.0 * error, NO_PRIOR)
    expected, *_ = np.linalg.lstsq(design, value, rcond=None)
    assert [posterior.centre(unit) for unit in np.eye(2)] == pytest.approx(list(expected), abs=1e-6)


def test_without_prior_the_interval_is_students():
    """One set a day, no error within: the mixture over σ is a t distribution with n − 2 degrees of freedom."""
    day, design, value, error = line(10)
    low, high = fit(day, design, value, 0.0 * error, NO_PRIOR).bounds(np.array([0.0, 1.0]))
    coefficients, rest, *_ = np.linalg.lstsq(design, value, rcond=None)
    spread = np.sqrt(rest[0] / 8 / (design[:, 1] @ design[:, 1]))
    assert (low, high) == pytest.approx(
        (coefficients[1] - 2.306 * spread, coefficients[1] + 2.306 * spread), abs=0.01 * spread
    )


def test_the_table_decides_with_few_days_and_the_person_with_many():
    unit = np.array([1.0, 0.0])
    few, many = line(4, sigma=0.1, error=0.02), line(200, sigma=0.1, error=0.02)
    wide = [np.diff(fit(*each, 0.27).bounds(unit))[0] for each in (few, many)]
    assert wide[0] > 0.3
    assert wide[1] == pytest.approx(2 * 1.96 * np.hypot(0.1, 0.02) / np.sqrt(200), rel=0.2)


def test_columns_that_cannot_be_told_apart_give_nothing():
    day, design, value, error = line(8)
    assert fit(day, np.column_stack([design, 2 * design[:, 1]]), value, error, 0.27) is None
    assert fit(day[:2], design[:2], value[:2], error[:2], 0.27) is None


def test_probabilities_and_bounds_belong_together():
    posterior = fit(*line(9, 2), 0.27)
    unit = np.array([0.0, 1.0])
    low, high = posterior.bounds(unit)
    assert posterior.above(unit, low) == pytest.approx(0.975, abs=1e-6)
    assert posterior.above(unit, high) == pytest.approx(0.025, abs=1e-6)


def test_sets_of_one_day_are_not_worth_as_much_as_days():
    unit = np.array([0.0, 1.0])
    many_sets, many_days = line(8, 6, seed=4), line(48, 1, seed=4)
    width = [np.diff(fit(*each, 0.3).bounds(unit * (each[1][-1, 1] * 2)))[0] for each in (many_sets, many_days)]
    assert width[0] > 1.8 * width[1]


def test_restricted_likelihood_agrees_with_statsmodels():
    """The likeliest σ without a prior, and the coefficients there, are those of its MixedLM."""
    mixed = pytest.importorskip("statsmodels.regression.mixed_linear_model", reason="statsmodels is not installed")
    day, design, value, _error = line(60, 4, sigma=0.3, error=0.1, seed=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = mixed.MixedLM(value, design, groups=day).fit(reml=True)
    posterior = fit(day, design, value, np.full(len(day), float(np.sqrt(theirs.scale))), NO_PRIOR)
    best = int(posterior.weight.argmax())
    assert posterior.sigma[best] == pytest.approx(float(np.sqrt(theirs.cov_re[0, 0])), rel=0.05)
    assert posterior.mean[best] == pytest.approx(theirs.fe_params, abs=0.002)
    low, high = posterior.bounds(np.array([0.0, 1.0]))
    assert (low, high) == pytest.approx(tuple(theirs.conf_int()[1]), rel=0.05)
