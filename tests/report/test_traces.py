from __future__ import annotations

import math

import pytest

from emgmon.report.charts import left_part
from emgmon.report.reading import read_set
from emgmon.report.traces import POINTS, RepTraces, rep_traces, scaled, span_s, top_level


def test_left_and_right_are_averaged_point_by_point(make) -> None:
    reps = make["full"]().sets[0].reps
    trace = rep_traces(reps)[0].groups["G"]
    assert len(trace) <= POINTS
    assert all(math.isfinite(level) for _, level in trace)
    left, right = (item.level for item in reps[0].curves if item.placement.group == "G")
    total = sum(left) / len(left) + sum(right) / len(right)
    assert sum(level for _, level in trace) / len(trace) == pytest.approx(total / 2, rel=0.02)


def test_a_channel_that_went_away_leaves_the_mean_and_is_named(make) -> None:
    drawn = rep_traces(make["lost"]().sets[0].reps)
    assert [item.missing for item in drawn] == [()] * 4 + [("HR",)] * 6
    assert all(item.groups["H"] for item in drawn)


def test_without_references_each_group_is_one_at_its_first_peaks(make) -> None:
    one = make["walk"]().sets[0]
    drawn = scaled(rep_traces(one.reps), read_set(one))
    for group in "GH":
        peaks = [max(level for _, level in item.groups[group]) for item in drawn[:2]]
        assert sum(peaks) / 2 == pytest.approx(1)


def test_one_spike_flattens_no_other_rep(make) -> None:
    drawn = rep_traces(make["full"]().sets[0].reps)
    spiked = RepTraces(drawn[3].rep, drawn[3].groups | {"E": ((0.5, 20.0),)}, ())
    with_spike = (*drawn[:3], spiked, *drawn[4:])
    peaks = sorted(max(level for trace in item.groups.values() for _, level in trace) for item in drawn)
    assert top_level(drawn) == (pytest.approx(1.04 * peaks[-1]), False)
    top, cut = top_level(with_spike)
    assert top < 2.2 * peaks[len(peaks) // 2]
    assert cut


def test_scales_of_nothing_are_one() -> None:
    assert (top_level(()), span_s(())) == ((1.0, False), 1.0)


def test_left_part_is_half_when_even_and_a_third_when_right_is_double() -> None:
    assert left_part(0) == 0.5
    assert left_part(math.log(2)) == pytest.approx(1 / 3)
