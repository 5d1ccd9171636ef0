"""Virtual users over weeks: what changes, what only scatters, and that signals show the same day as numbers."""

from dataclasses import replace

import numpy as np
import pytest

from firmware_sim.cohort import KINDS, TRIO, draw_weeks, index_ln
from firmware_sim.electrode import electrode_emg
from firmware_sim.wearer import DRIVE_HZ

GLUTE = (TRIO[0], "left")


def seen(weeks):
    return np.array([index_ln(day.seen_ln) for day in weeks.days])


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_is_the_same_weeks(kind):
    assert draw_weeks(3, kind) == draw_weeks(3, kind)
    assert seen(draw_weeks(3, kind)).std() > 0.0
    assert [day.at_days for day in draw_weeks(3, kind).days][:5] == [0.0, 2.0, 4.0, 7.0, 9.0]


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_change_changes_what_is_true(kind):
    weeks = draw_weeks(4, kind, change_ln=0.5)
    assert weeks.change_ln == pytest.approx(0.5 if kind == "change" else 0.0)


def test_days_scatter_as_the_tables_say_when_they_are_asked_to():
    users = [seen(draw_weeks(seed, "steady", day_ln=0.19, independent=True)) for seed in range(150)]
    assert np.sqrt(np.mean([days.var(ddof=1) for days in users])) == pytest.approx(0.265, abs=0.01)


def test_users_scatter_unlike_each_other():
    spread = [draw_weeks(seed, "steady", 1).day_ln for seed in range(200)]
    assert 0.08 <= min(spread) < 0.12
    assert 0.28 < max(spread) <= 0.36
    assert np.median(spread) == pytest.approx(0.19, abs=0.02)


def test_muscles_move_together_from_day_to_day():
    effort = np.array(
        [[day.effort_ln[m] for m in TRIO] for seed in range(60) for day in draw_weeks(seed, "steady").days[:1]]
    )
    assert np.corrcoef(effort.T)[np.triu_indices(3, 1)].min() > 0.2


def test_references_get_better_with_practice_and_never_beyond_the_true_maximum():
    users = [draw_weeks(seed, "practice") for seed in range(80)]
    reached = np.array([[day.effort_ln[TRIO[1]] for day in user.days] for user in users]).mean(0)
    assert reached[:3].mean() < reached[-6:].mean() - 0.08
    assert max(max(day.effort_ln.values()) for user in users for day in user.days) <= 0.0


def test_reps_scatter_about_the_day():
    weeks = draw_weeks(5, "steady")
    reps = np.concatenate([weeks.reps_ln(day, 12) - [day.seen_ln[m] for m in TRIO] for day in weeks.days])
    assert abs(reps.mean()) < 0.02
    assert 0.10 < reps.std() < 0.18
    assert not np.array_equal(weeks.reps_ln(weeks.days[0], 12), weeks.reps_ln(weeks.days[0], 12, exercise=1))


def test_a_script_has_the_days_levels_and_the_days_references():
    weeks = draw_weeks(7, "steady", 2)
    day = weeks.days[1]
    script = weeks.script(day, 6)
    for muscle in TRIO:
        held = [
            script.drive[muscle, side][int(rep.top_s * DRIVE_HZ) + 50 : int(rep.release_s * DRIVE_HZ) - 50].mean()
            for rep in script.reps
            for side in ("left", "right")
        ]
        wanted = day.usual_ln[muscle] + day.habit_ln[muscle]
        assert np.log(np.mean(held)) == pytest.approx(wanted, abs=0.25)  # reps scatter and drift
    reference = next(cue.t_s for cue in script.cues if cue.kind == "reference_start" and cue.data["group"] == "G")
    middle = int((reference + 2.0) * DRIVE_HZ)
    assert script.drive[GLUTE][middle] == pytest.approx(np.exp(day.effort_ln[TRIO[0]]), abs=0.02)


def test_an_electrode_that_slips_loses_gain_in_the_set_alone():
    weeks = draw_weeks(8, "drift", 1)
    day = weeks.days[0]
    script, body = weeks.script(day, 3), weeks.body(day, generator="shaped_noise")
    assert 0.7 <= body.set_gain[GLUTE] <= 0.9

    slipped, fast = (
        electrode_emg(script, GLUTE, b, 1, np.random.default_rng(1))[1] for b in (body, replace(body, set_gain={}))
    )
    starts = {cue.kind: cue.t_s for cue in script.cues}
    reference = (starts["reference_start"] - 1.0, starts["reference_start"])
    rep = script.reps[0]
    assert slipped.amplitude(*reference) == fast.amplitude(*reference)
    ratio = slipped.amplitude(rep.top_s, rep.release_s) / fast.amplitude(rep.top_s, rep.release_s)
    assert ratio == pytest.approx(body.set_gain[GLUTE])


def test_a_course_that_is_none_is_refused():
    with pytest.raises(ValueError, match="a course is one of steady"):
        draw_weeks(1, "unknown")
    with pytest.raises(ValueError, match="1 session or more"):
        draw_weeks(1, "steady", 0)
