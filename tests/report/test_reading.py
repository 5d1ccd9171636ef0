from __future__ import annotations

import math
from dataclasses import replace

import pytest

from emgmon.report.figures import group_changes
from emgmon.report.reading import index_value, read_set, share_value


def test_a_full_set_is_read_in_the_hold_on_both_sides(make) -> None:
    reading = read_set(make["full"]().sets[0])
    assert (reading.index.metric, reading.phase, reading.where) == ("sdi", "hold", "both")
    assert (reading.groups, reading.sides, reading.kind) == (("G", "H", "E"), ("left", "right"), "T1")
    assert reading.zero == 0


def test_strides_are_read_over_the_whole_rep_against_the_first_two(make) -> None:
    one = make["walk"]().sets[0]
    reading = read_set(one)
    assert (reading.index.metric, reading.phase, reading.where) == ("log_ratio_h", "act", "right")
    assert (reading.partial, reading.kind, reading.shares_where) == (True, "T4", "")
    first = [index_value(rep, reading).value for rep in one.reps[:2]]
    assert sum(first) == pytest.approx(0)
    raw = [rep.value("log_ratio_h", "act", "right") for rep in one.reps]
    assert index_value(one.reps[4], reading).value == pytest.approx(raw[4] - (raw[0] + raw[1]) / 2)


def test_a_lost_side_leaves_the_other(make) -> None:
    one = make["lost"]().sets[0]
    reading = read_set(one)
    assert (reading.where, reading.shares_where) == ("left", "left")
    assert all(share_value(rep, "G", reading) for rep in one.reps)


def test_one_channel_without_reference_takes_the_shares_away(make) -> None:
    one = make["full"]().sets[0]
    reps = tuple(
        replace(rep, values=tuple(replace(v, unit="uv") if v.where == "biceps_femoris/left" else v for v in rep.values))
        for rep in one.reps
    )
    reading = read_set(replace(one, reps=reps))
    assert (reading.kind, reading.shares_where) == ("T4", "")


def test_reps_that_do_not_count_choose_nothing(make) -> None:
    one = make["full"]().sets[0]
    reading = read_set(replace(one, reps=tuple(replace(rep, valid=False) for rep in one.reps)))
    assert reading.index is None
    assert reading.groups == ()


def test_changes_of_the_groups_start_at_their_first_two_reps(make) -> None:
    one = make["walk"]().sets[0]
    changes = group_changes(one, read_set(one))
    levels = [rep.value("level", "act", "gluteus_maximus/right") for rep in one.reps]
    zero = (math.log(levels[0]) + math.log(levels[1])) / 2
    assert [item["G"] for item in changes] == pytest.approx([math.log(level) - zero for level in levels])
