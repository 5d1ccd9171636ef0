"""Metrics worked out by hand: 2 to 1 in, 2.0 out."""

import math
from dataclasses import replace

import numpy as np
import pytest

from emgmon.metrics import METRICS, HopSeries, RepSignals, Stretch, starts_of
from emgmon.model import Placement, Reference, Rep

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


def signals(levels, *, references=100.0, noise=0.0, lost=(), phases=("con", "hold", "ecc", "act")):
    """A rep in which each site has one steady level (uV)."""
    time_s = np.arange(0, 6, 0.01)
    series = {}
    for site, level in levels.items():
        power = np.full(len(time_s), level**2 + noise**2)
        if site in lost:
            power[(time_s > 2) & (time_s < 3)] = np.nan
        series[SITES[site]] = HopSeries(time_s, power)
    known = {SITES[s]: Reference(SITES[s], "T1", references, "uv") for s in levels} if references else {}
    groups = tuple(g for g in "GHE" if any(place.group == g for place in series))
    return RepSignals(
        REP, phases, series, dict.fromkeys(series, "uv"), dict.fromkeys(series, noise), known, groups, True, 30.0
    )


def values(rep_signals):
    return {(v.metric, v.phase, v.where): v for metric in METRICS for v in metric.compute(rep_signals)}


def test_shares_and_indices_of_known_levels():
    found = values(signals({"GL": 40, "HL": 20, "EL": 20, "GR": 20, "HR": 40, "ER": 20}))
    assert found["share_glute", "hold", "left"].value == pytest.approx(0.5)
    assert found["share_glute", "hold", "right"].value == pytest.approx(0.25)
    assert found["share_glute", "hold", "both"].value == pytest.approx(0.375)
    assert found["log_ratio_h", "con", "left"].value == pytest.approx(-math.log(2))
    assert found["log_ratio_h", "con", "right"].value == pytest.approx(math.log(2))
    assert found["sdi", "act", "left"].value == pytest.approx(-math.log(2))
    assert found["sdi", "act", "right"].value == pytest.approx(0.5 * math.log(2))
    assert found["symmetry", "hold", "G"].value == pytest.approx(-math.log(2))
    assert found["level", "hold", "gluteus_maximus/left"].value == pytest.approx(0.4)
    assert found["duration", "hold", "both"].value == pytest.approx(2.0)
    assert found["range", "act", "both"].value == 30.0


def test_shares_sum_to_one():
    found = values(signals({"GL": 37, "HL": 11, "EL": 23}))
    for phase in ("con", "hold", "ecc", "act"):
        total = sum(found[name, phase, "left"].value for name in ("share_glute", "share_hamstring", "share_back"))
        assert total == pytest.approx(1.0)


def test_two_hamstrings_count_by_their_geometric_mean():
    found = values(signals({"GL": 40, "HL": 80, "STL": 20, "EL": 20}))
    assert found["log_ratio_h", "hold", "left"].value == pytest.approx(0.0)


def test_all_muscles_doubled_changes_no_index():
    once = values(signals({"GL": 30, "HL": 20, "EL": 15}))
    twice = values(signals({"GL": 60, "HL": 40, "EL": 30}))
    for key in (("sdi", "hold", "both"), ("share_glute", "hold", "both"), ("log_ratio_e", "con", "both")):
        assert once[key].value == pytest.approx(twice[key].value)


def test_without_references_there_is_a_ratio_but_no_share():
    found = values(signals({"GL": 40, "HL": 20, "EL": 20}, references=None))
    assert found["sdi", "hold", "both"].value == pytest.approx(-math.log(2))
    assert found["level", "hold", "gluteus_maximus/left"].unit == "uv"
    assert not any(metric in {"share_glute", "symmetry"} for metric, _phase, _where in found)


def test_without_back_the_index_is_partial_under_its_own_name():
    found = values(signals({"GL": 40, "HL": 20}))
    assert found["log_ratio_h", "hold", "both"].value == pytest.approx(-math.log(2))
    assert not any(metric in {"sdi", "log_ratio_e", "share_glute"} for metric, _phase, _where in found)


def test_a_muscle_below_its_limit_of_detection_is_flagged():
    found = values(signals({"GL": 1.0, "HL": 30, "EL": 30}, noise=4.0))
    value = found["level", "hold", "gluteus_maximus/left"]
    assert value.flag == "<="
    assert value.value == pytest.approx(0.06 / math.sqrt(2))
    assert found["sdi", "hold", "left"].flag == ">="  # the glutes are at most this, so the index is at least this


def test_too_little_activity_gives_no_index():
    found = values(signals({"GL": 3, "HL": 3, "EL": 3}))
    assert math.isnan(found["sdi", "hold", "both"].value)
    assert found["sdi", "hold", "both"].flag == "too little activity"


def test_a_lost_phase_gives_no_number_and_the_other_side_stands():
    found = values(signals({"GL": 40, "HL": 20, "EL": 20, "GR": 40, "HR": 20, "ER": 20}, lost=("HL",)))
    assert found["level", "hold", "biceps_femoris/left"].flag == "signal lost"
    assert math.isnan(found["sdi", "hold", "left"].value)
    assert found["sdi", "hold", "both"].value == pytest.approx(-math.log(2))
    assert not math.isnan(found["sdi", "con", "left"].value)


def test_every_metric_gives_its_own_name_and_a_known_unit():
    found = signals({"GL": 40, "HL": 20, "EL": 20, "GR": 40, "HR": 20, "ER": 20})
    nothing = Stretch(np.empty(0), np.empty(0), 1000.0)
    stretches = dict.fromkeys(found.series, nothing)
    found = replace(found, starts=starts_of(stretches, REP, {}), filtered=stretches)
    for metric in METRICS:
        made = metric.compute(found)
        assert made, metric.name
        assert {value.metric for value in made} == {metric.name}
        assert {value.unit for value in made} == {metric.unit}
