"""Whatever a channel says, every metric gives numbers or reasons, and never raises."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emgmon.metrics import METRICS, SET_METRICS, set_estimates, starts_of
from emgmon.metrics.base import HopSeries, Stretch
from emgmon.model import Curve, Placement, Reference, Rep, RepSummary, Value

SITES = ("GL", "HL", "EL", "GR", "HR", "ER")
AMPLITUDES = st.sampled_from([0.0, 1e-12, 1.0, 40.0, 1e6, math.nan, math.inf])
FEW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
RELAXED = st.sampled_from([0.0, 2.0, 1e6, math.nan])


def everything(signals):
    return [value for metric in METRICS for value in metric.compute(signals)]


def sound(value):
    """A number, or NaN with its reason."""
    return math.isfinite(value.value) or (math.isnan(value.value) and value.flag not in {"", "<=", ">=", "~"})


@FEW
@given(levels=st.lists(AMPLITUDES, min_size=6, max_size=6), noise=RELAXED, seed=st.integers(0, 1000), data=st.data())
def test_any_rep_gives_numbers_or_reasons(make, noise_of, levels, noise, seed, data):
    kind = data.draw(st.sampled_from(["T1", "T2", None]))
    phases = data.draw(st.sampled_from([("con", "hold", "ecc", "act"), ("con", "ecc", "act"), ("act",)]))
    rng = np.random.default_rng(seed)
    signals = make(
        dict(zip(SITES, levels, strict=True)), references=100.0 if kind else None, kind=kind or "T1", noise=noise
    )
    series = {}
    for place, old in signals.series.items():
        power = np.where(rng.random(len(old.power)) < 0.2 * rng.random(), np.nan, old.power)
        series[place] = HopSeries(old.time_s, power)
    stretch = noise_of(1.0, seed)
    worst = [stretch.samples, np.zeros(6000), np.full(6000, np.nan), np.full(6000, 1e6), stretch.samples[:0]]
    filtered = {
        place: Stretch(stretch.time_s[: len(samples)], samples, 1000.0)
        for place in series
        for samples in [worst[rng.integers(len(worst))]]
    }
    signals = replace(signals, series=series, phases=phases, filtered=filtered)
    signals = replace(signals, starts=starts_of(filtered, signals.rep, signals.noise) if seed % 4 == 0 else {})
    for value in everything(signals):
        assert sound(value), value


def test_the_same_rep_gives_the_same_numbers_and_channels_do_not_touch_each_other(make):
    levels = dict(zip(SITES, (40, 30, 20, 35, 25, 15), strict=True))
    assert everything(make(levels)) == everything(make(levels))
    alone = {v.where: v for v in everything(make({"GL": 40})) if v.metric == "peak" and v.phase == "hold"}
    together = {v.where: v for v in everything(make(levels)) if v.metric == "peak" and v.phase == "hold"}
    assert together["gluteus_maximus/left"] == alone["gluteus_maximus/left"]


def test_a_muscle_beside_the_compared_ones_has_levels_in_its_own_unit(make):
    signals = make({"GL": 40, "HL": 30, "EL": 20})
    place = Placement("gluteus_medius", "left")
    time_s = signals.series[Placement("gluteus_maximus", "left")].time_s
    signals = replace(
        signals,
        series={**signals.series, place: HopSeries(time_s, np.full(len(time_s), 900.0))},
        units={**signals.units, place: "uv"},
        noise={**signals.noise, place: 0.0},
    )
    units = {v.metric: v.unit for v in everything(signals) if v.where == str(place) and v.phase == "hold"}
    assert units["level"] == units["peak"] == "uv"
    assert units["integral"] == "uv·s"


@FEW
@given(
    rows=st.lists(st.lists(st.one_of(st.floats(-1e6, 1e6), AMPLITUDES), min_size=4, max_size=4), max_size=14),
    lost=st.integers(0, 14),
)
def test_any_reps_give_a_set(rows, lost):
    metrics = ("level", "mdf", "finsm5", "sdi")
    place = Placement("gluteus_maximus", "left")
    reps = [
        RepSummary(
            Rep(k, 0.0, 1.0, 2.0, 3.0),
            tuple(
                Value(m, "hold", str(place), 20.0 + abs(v) if m == "mdf" else v, "1")
                for m, v in zip(metrics, row, strict=True)
            ),
            (Curve(place, -0.3, 0.02, tuple(row * 45)),),
            k != lost,
            "unknown",
        )
        for k, row in enumerate(rows, 1)
    ]
    for estimate in set_estimates(reps):
        assert math.isfinite(estimate.mean)
        assert estimate.n <= len(reps)
        assert not estimate.low > estimate.high
        assert not estimate.slope_low > estimate.slope_high


def test_every_metric_is_named_once():
    names = [metric.name for metric in (*METRICS, *SET_METRICS)]
    assert len(set(names)) == len(names)
    assert all(metric.title and metric.unit and metric.direction in {-1, 0, 1} for metric in (*METRICS, *SET_METRICS))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_no_muscle_at_all_gives_no_value(make, metric):
    assert [value for value in metric.compute(make({})) if value.metric not in {"duration", "range"}] == []


def test_a_reference_that_is_not_there_never_divides(make):
    signals = make({"GL": 40, "HL": 20, "EL": 20}, references={"GL": 100.0, "HL": 100.0})
    assert {v.unit for v in everything(signals) if v.metric == "level"} == {"uv"}
    assert isinstance(next(iter(signals.references.values())), Reference)
