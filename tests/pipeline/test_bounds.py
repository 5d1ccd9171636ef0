"""Values that are only bounds, from the samples to the report: below the limit of detection, or cut off."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_session import SITES, Session

from emgmon.exercise.reference import reference_level
from emgmon.metrics import METRICS, HopSeries, RepSignals
from emgmon.metrics.base import joined, ratio_flag
from emgmon.model import Placement, Reference, Rep
from emgmon.report import session_text
from emgmon.runner import analyse

PLACES = {name: Placement.parse(text) for name, text in SITES.items()}
REP = Rep(1, 1.0, 2.0, 4.0, 5.0)
LARGE = {"G": 100.0, "H": 80.0, "E": 60.0}


def signals(power, references, noise=2.0, clipped=()):
    """One rep of channels whose hops have these mean squares."""
    time_s = np.arange(0, 6, 0.01)
    series = {}
    for name, hops in power.items():
        cut = np.zeros(600)
        cut[250:300] = name in clipped
        series[PLACES[name]] = HopSeries(time_s, np.broadcast_to(hops, (600,)).astype(float), cut)
    known = {PLACES[n]: item for n, item in references.items()}
    groups = tuple(g for g in "GHE" if g in power)
    noises = dict.fromkeys(series, noise)
    return RepSignals(REP, ("hold", "act"), series, dict.fromkeys(series, "uv"), noises, known, groups, True, math.nan)


def values(found):
    return {(v.metric, v.phase, v.where): v for metric in METRICS for v in metric.compute(found)}


def maximal(name, level=100.0, **changes):
    return Reference(PLACES[name], "T1", level, "uv", **changes)


ALL = {name: maximal(name) for name in "GHE"}


@pytest.mark.parametrize(
    ("clipped", "weak", "level", "sdi", "share"),
    [
        ((), "", {}, "", ""),
        ((), "G", {"G": "<="}, ">=", "<="),
        ((), "H", {"H": "<="}, "<=", ">="),
        (("G",), "", {"G": ">="}, "<=", ">="),
        (("H",), "", {"H": ">="}, ">=", "<="),
        (("G", "H"), "", {"G": ">=", "H": ">="}, "~", "~"),
        (("H",), "G", {"G": "<=", "H": ">="}, ">=", "<="),
    ],
)
def test_bounds_point_the_way_they_do(clipped, weak, level, sdi, share):
    power = {name: 4.0 + (2.0 if name == weak else 40.0) ** 2 for name in "GHE"}
    found = values(signals(power, ALL, clipped=clipped))
    for name, place in PLACES.items():
        assert found["level", "hold", str(place)].flag == level.get(name, ""), name
    assert found["sdi", "hold", "left"].flag == sdi
    assert found["sdi", "hold", "both"].flag == sdi
    assert found["share_glute", "hold", "left"].flag == share


def test_below_the_limit_of_detection_the_limit_over_root_two_stands():
    found = values(signals({"G": 4.0 + 2.0**2, "H": 1604.0, "E": 1604.0}, ALL))
    assert found["level", "hold", SITES["G"]].value == pytest.approx(1.5 * 2.0 / 100.0 / math.sqrt(2.0))


def test_a_reference_that_was_cut_off_gives_upper_bounds():
    cut = {**ALL, "H": maximal("H", cut_off=True)}
    found = values(signals(dict.fromkeys("GHE", 1604.0), cut))
    assert found["level", "hold", SITES["H"]].flag == "<="
    assert found["log_ratio_h", "hold", "left"].flag == "<="
    assert found["log_ratio_e", "hold", "left"].flag == ""


@pytest.mark.parametrize(
    ("flags", "whole"), [((), ""), (("", "<="), "<="), ((">=", "<="), "~"), (("~", ""), "~"), (("signal lost",), "")]
)
def test_bounds_of_a_sum(flags, whole):
    assert joined(*flags) == whole


@given(st.sampled_from(["", "<=", ">=", "~"]), st.sampled_from(["", "<=", ">=", "~"]))
def test_a_quotient_and_its_inverse_are_bounded_from_opposite_sides(above, below):
    other = {"<=": ">=", ">=": "<="}
    flag = ratio_flag(above, below)
    assert ratio_flag(below, above) == other.get(flag, flag)


@given(st.floats(0.01, 100.0), st.sampled_from("GHE"), st.lists(st.floats(5.0, 200.0), min_size=3, max_size=3))
@settings(max_examples=40, deadline=None)
def test_a_gain_in_reference_and_set_changes_no_number_of_maximal_references(gain, who, levels):
    """The gain multiplies noise, reference contraction and set of one channel."""

    def numbers(factor):
        power, references, noise = {}, {}, {}
        for name, level in zip("GHE", levels, strict=True):
            k = factor if name == who else 1.0
            noise[PLACES[name]] = 2.0 * k
            contraction = np.full(200, (k * LARGE[name]) ** 2 + (2.0 * k) ** 2)
            references[name] = maximal(name, reference_level(contraction, 2.0 * k))
            power[name] = (k * level) ** 2 + (2.0 * k) ** 2
        found = replace(signals(power, references), noise=noise)
        return {key: item for key, item in values(found).items() if item.unit in {"ref", "1", "ln"}}

    one, other = numbers(1.0), numbers(gain)
    assert one.keys() == other.keys()
    for key, item in one.items():
        assert other[key].flag == item.flag, key
        assert other[key].value == pytest.approx(item.value, rel=1e-6, abs=1e-9, nan_ok=True), key


@given(st.floats(0.01, 100.0), st.sampled_from("GHE"), st.lists(st.floats(20.0, 200.0), min_size=6, max_size=6))
@settings(max_examples=40, deadline=None)
def test_without_references_a_gain_changes_no_change_of_an_index(gain, who, levels):
    """Between two reps of one channel gain, the index differs by the same amount whatever the gain."""

    def change(factor):
        found = []
        for rep in (levels[:3], levels[3:]):
            scale = {name: factor if name == who else 1.0 for name in "GHE"}
            power = {name: (scale[name] * level) ** 2 for name, level in zip("GHE", rep, strict=True)}
            found.append(values(signals(power, {}, noise=0.0))["sdi", "hold", "left"].value)
        return found[1] - found[0]

    assert change(gain) == pytest.approx(change(1.0), abs=1e-9)


def test_an_amplifier_at_its_limit_is_told_to_the_end():
    """Cut off in some bursts: lower bounds there, counted in the estimates and said in the notes."""
    session = Session(fs_hz=1000.0).rest()
    for group in "GHE":
        session.reference(group, 50.0 if group == "H" else 100.0)
    bursts = [{"G": 60.0, "H": 60.0 if k in (1, 3) else 30.0, "E": 20.0} for k in range(6)]
    summary = analyse(session.cycles(bursts, rest_s=1.6).clip("H", 150.0).entries(seed=3))
    (done,) = summary.sets
    flags = [value.flag for rep in done.reps for value in rep.values if (value.metric, value.where) == ("sdi", "both")]
    assert 0 < flags.count(">=") < len(flags)
    assert done.estimate("sdi", "act").at_least == flags.count(">=")
    assert done.estimate("sdi", "act").at_most == 0
    assert any(f"at least (signal cut off) in {flags.count('>=')} of {len(flags)}" in note for note in done.notes)
    text = " ".join(session_text(summary).split())
    assert f"{flags.count('>=')} of them at least" in text
    assert "≥" in text


def test_what_is_cut_off_for_long_gives_no_number_and_names_the_muscle():
    session = Session(fs_hz=1000.0).rest()
    for group in "GHE":
        session.reference(group, 50.0 if group == "H" else 100.0)
    bursts = [{"G": 60.0, "H": 90.0 if k in (1, 3) else 30.0, "E": 20.0} for k in range(6)]
    (done,) = analyse(session.cycles(bursts, rest_s=1.6).clip("H", 140.0).entries(seed=3)).sets
    lost = [rep for rep in done.reps if rep.invalid]
    assert lost
    assert {place for rep in lost for place in rep.invalid} == {PLACES["H"]}
    for rep in lost:
        (level,) = [v for v in rep.values if (v.metric, v.phase, v.where) == ("level", "act", SITES["H"])]
        assert level.flag == "signal cut off"
        assert math.isnan(level.value)
        assert not math.isnan(rep.value("level", "act", SITES["G"]))
    assert any("biceps femoris, left in rep" in note for note in done.notes)
