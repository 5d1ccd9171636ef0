"""Indices of who does the work: their laws."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emgmon.metrics.crosstalk import NOTEWORTHY_LN, crosstalk
from emgmon.metrics.dominance import log_ratio_e, log_ratio_h, log_ratio_he, sdi, share_glute
from emgmon.metrics.symmetry import sdi_difference, symmetry, symmetry_index

LEVELS = {"GL": 40, "HL": 20, "EL": 20, "GR": 20, "HR": 40, "ER": 30}


def table(values):
    return {(value.phase, value.where): value for value in values}


def test_the_index_and_the_synergists_are_coordinates_of_one_composition(make):
    signals = make(LEVELS)
    index, which = table(sdi(signals))["hold", "left"].value, table(log_ratio_he(signals))["hold", "left"].value
    h, e = (table(metric(signals))["hold", "left"].value for metric in (log_ratio_h, log_ratio_e))
    assert index == pytest.approx((h + e) / 2)
    assert which == pytest.approx(h - e)
    assert table(log_ratio_he(signals))["hold", "right"].value == pytest.approx(math.log(4 / 3))


@given(gains=st.lists(st.floats(0.01, 100.0), min_size=6, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_gains_change_no_index_with_references_and_no_change_of_one_without(make, gains):
    scaled = {site: level * gain for (site, level), gain in zip(LEVELS.items(), gains, strict=True)}
    references = {site: 100.0 * gain for site, gain in zip(LEVELS, gains, strict=True)}
    for metric in (sdi, share_glute, symmetry, crosstalk):
        plain = table(metric(make(LEVELS)))
        for key, value in table(metric(make(scaled, references=references))).items():
            assert value.value == pytest.approx(plain[key].value, abs=1e-9)
    harder = {site: level * (2.0 if site[0] == "H" else 1.0) for site, level in scaled.items()}
    for side in ("left", "right"):
        first, second = (table(sdi(make(levels, references=None)))["hold", side].value for levels in (scaled, harder))
        assert second - first == pytest.approx(0.5 * math.log(2))


def test_phases_are_never_pooled(make):
    course = {"GL": lambda t: np.where(t < 4.0, 40.0, 10.0), "HL": 20, "EL": 20}
    found = table(sdi(make(course)))
    assert found["hold", "left"].value == pytest.approx(-math.log(2))
    assert found["ecc", "left"].value == pytest.approx(math.log(2))
    same_lift = table(sdi(make(course | {"GL": 40.0})))
    assert found["con", "left"].value == same_lift["con", "left"].value
    assert found["hold", "left"].value == same_lift["hold", "left"].value


def test_two_groups_must_be_seen(make):
    found = table(sdi(make({"GL": 1, "HL": 1, "EL": 60}, noise=4.0)))["hold", "both"]
    assert math.isnan(found.value)
    assert found.flag == "too little activity"
    found = table(sdi(make({"GL": 1, "HL": 60, "EL": 60}, noise=4.0)))["hold", "both"]
    assert found.flag == ">="


def test_submaximal_references_give_no_shares(make):
    assert share_glute(make(LEVELS, kind="T2")) == []
    assert table(sdi(make(LEVELS, kind="T2")))["hold", "left"].value == pytest.approx(-math.log(2))


def test_swapping_the_sides_turns_symmetry_round_and_leaves_the_mean(make):
    swapped = {site[:-1] + {"L": "R", "R": "L"}[site[-1]]: level for site, level in LEVELS.items()}
    one, other = make(LEVELS), make(swapped)
    for metric in (symmetry, symmetry_index, sdi_difference):
        for key, value in table(metric(one)).items():
            assert table(metric(other))[key].value == pytest.approx(-value.value)
    assert table(sdi(one))["hold", "both"].value == pytest.approx(table(sdi(other))["hold", "both"].value)


def test_symmetry_by_hand(make):
    signals = make(LEVELS)
    assert table(symmetry(signals))["hold", "H"].value == pytest.approx(math.log(2))
    assert table(symmetry_index(signals))["hold", "H"].value == pytest.approx(200 * (40 - 20) / (40 + 20))
    right = 0.5 * (math.log(2) + math.log(1.5))
    assert table(sdi_difference(signals))["hold", "both"].value == pytest.approx(right + math.log(2))


@pytest.mark.parametrize("metric", [symmetry, symmetry_index, sdi_difference])
def test_sides_are_not_compared_without_references_or_with_one_side(make, metric):
    assert metric(make(LEVELS, references=None)) == []
    assert metric(make({"GL": 40, "HL": 20, "EL": 20})) == []
    assert metric(make(LEVELS, kind="T2")) != []


def test_room_for_crosstalk_by_hand(make):
    even = table(crosstalk(make({"GL": 40, "HL": 40})))["hold", "left"]
    assert even.value == pytest.approx(-0.5 * math.log(0.96))
    triple = table(crosstalk(make({"GL": 20, "HL": 60})))["hold", "left"]
    assert triple.value == pytest.approx(NOTEWORTHY_LN) == pytest.approx(math.log(1.25))
    all_of_it = table(crosstalk(make({"GL": 10, "HL": 60})))["hold", "left"]
    assert math.isnan(all_of_it.value)
    assert all_of_it.flag == "all of the glute signal could be crosstalk"


def test_crosstalk_that_was_put_in_lies_inside_its_room(make):
    true_g, h = 20.0, 70.0
    for share in np.linspace(0.0, 0.2, 9):
        mixed = make({"GL": math.hypot(true_g, share * h), "HL": h})
        shown = table(log_ratio_h(mixed))["hold", "left"].value
        true = math.log(h / true_g)
        assert shown <= true + 1e-9 <= shown + table(crosstalk(mixed))["hold", "left"].value + 2e-9
