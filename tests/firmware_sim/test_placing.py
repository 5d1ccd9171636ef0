"""Virtual days show the same electrodes; a slip changes the last day alone, and only where it happened."""

import pytest

from firmware_sim.cohort import SIDES, draw_weeks
from firmware_sim.placing import SLIPS, WORN, placings

WEEKS = draw_weeks(5, "steady", 6)


def changed(slip):
    """Sites of which anything is unlike a last day without a slip, and the days before it."""
    plain, slipped = placings(WEEKS), placings(WEEKS, slip)
    assert plain[:-1] == slipped[:-1]
    one, other = plain[-1], slipped[-1]
    return {
        site
        for site in WORN
        if any(getattr(one, name)[site] != getattr(other, name)[site] for name in ("task_uv", "mdf_hz", "noise_uv"))
        or any(one.exercise_uv[site, k] != other.exercise_uv[site, k] for k in range(2))
    }


@pytest.mark.parametrize(("slip", "sites"), [("none", 0), ("moved", 1), ("loose", 1), ("exchanged", 2)])
def test_a_slip_is_of_so_many_sites(slip, sites):
    assert slip in SLIPS
    found = changed(slip)
    assert len(found) == sites
    assert len({side for _muscle, side in found}) <= 1


def test_the_same_user_shows_the_same():
    assert placings(WEEKS) == placings(draw_weeks(5, "steady", 6))
    assert placings(WEEKS) != placings(draw_weeks(6, "steady", 6))


def test_eight_sites_are_worn_and_everything_is_positive():
    assert len(WORN) == 8
    assert {side for _muscle, side in WORN} == set(SIDES)
    for day in placings(WEEKS):
        for values in (day.task_uv, day.exercise_uv, day.mdf_hz, day.noise_uv):
            assert min(values.values()) > 0.0
