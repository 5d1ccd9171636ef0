"""Reps of known levels, worked out by hand."""

import numpy as np
import pytest

from emgmon.metrics import HopSeries, RepSignals, Stretch
from emgmon.model import Placement, Reference, Rep, RepSummary, Value

REP = Rep(1, 1.0, 2.0, 4.0, 5.0)
SITES = {
    "GL": Placement("gluteus_maximus", "left"),
    "GR": Placement("gluteus_maximus", "right"),
    "HL": Placement("biceps_femoris", "left"),
    "HR": Placement("biceps_femoris", "right"),
    "EL": Placement("erector_spinae", "left"),
    "ER": Placement("erector_spinae", "right"),
    "STL": Placement("semitendinosus", "left"),
}


def signals_of(levels, *, references=100.0, kind="T1", noise=0.0, phases=("con", "hold", "ecc", "act"), filtered=None):
    """A rep of 1 s lift, 2 s hold, 1 s lowering: each site's level (uV) is a number or a function of time."""
    time_s = np.arange(0, 6, 0.01) + 0.005
    series = {}
    for site, level in levels.items():
        course = level(time_s) if callable(level) else np.full(len(time_s), float(level))
        series[SITES[site]] = HopSeries(time_s, course**2 + noise**2)
    if not isinstance(references, dict):
        references = dict.fromkeys(levels, references) if references else {}
    known = {SITES[site]: Reference(SITES[site], kind, level, "uv") for site, level in references.items()}
    groups = tuple(g for g in "GHE" if any(place.group == g for place in series))
    stretches = {SITES[site]: stretch for site, stretch in (filtered or {}).items()}
    return RepSignals(
        REP,
        phases,
        series,
        dict.fromkeys(series, "uv"),
        dict.fromkeys(series, noise),
        known,
        groups,
        True,
        30.0,
        filtered=stretches,
        top_s=(1.9, 4.1),
    )


def gaussian(level, seed=1, fs_hz=1000.0):
    """Six seconds of white noise of one level."""
    time_s = np.arange(0, 6, 1 / fs_hz)
    return Stretch(time_s, level * np.random.default_rng(seed).standard_normal(len(time_s)), fs_hz)


def rep_with(index, values, *, valid=True, flag="", curves=()):
    """A finished rep with values as {(metric, phase, where): value}."""
    items = tuple(Value(*key, value, "ln", flag) for key, value in values.items())
    return RepSummary(Rep(index, 0.0, 1.0, 2.0, 3.0), items, curves, valid, "unknown")


@pytest.fixture
def make():
    return signals_of


@pytest.fixture
def noise_of():
    return gaussian


@pytest.fixture
def done():
    return rep_with
