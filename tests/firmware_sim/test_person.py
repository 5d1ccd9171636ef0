"""Persons, days and repetitions scatter as the literature says, and a seed is a person."""

import numpy as np
import pytest

from firmware_sim.person import FATIGUE_PER_REP, MUSCLES, MVIC_UV, SIDES, draw_day, draw_person, draw_reps

PERSONS = [draw_person(seed) for seed in range(400)]


def test_a_seed_is_a_person_and_a_day_of_theirs():
    assert draw_person(3) == draw_person(3) != draw_person(4)
    assert draw_day(PERSONS[3], 1) == draw_day(PERSONS[3], 1) != draw_day(PERSONS[3], 2)


def test_persons_stay_within_the_ranges():
    for person in PERSONS:
        for muscle, (low_uv, high_uv) in MVIC_UV.items():
            assert low_uv <= person.mvic_uv[muscle] <= high_uv
            assert 0.8 <= person.exponent[muscle] <= 1.4
            assert 0.70 <= person.effort[muscle] <= 1.0
        assert 0.0 <= person.level_correlation <= 0.5
        assert 60.0 <= person.heart_rate_bpm <= 150.0
        assert FATIGUE_PER_REP[0] <= person.fatigue_per_rep <= FATIGUE_PER_REP[1]


def test_effort_is_spread_over_its_range_and_shared_between_muscles():
    effort = np.array([[person.effort[muscle] for muscle in MUSCLES] for person in PERSONS])
    assert effort.mean() == pytest.approx(0.85, abs=0.01)
    assert effort.std() == pytest.approx(0.30 / np.sqrt(12), rel=0.06)
    pairs = np.corrcoef(effort.T)[np.triu_indices(len(MUSCLES), 1)]
    assert pairs.mean() == pytest.approx(0.5, abs=0.08)


def test_levels_have_the_published_spread_and_are_correlated_although_norms_say_they_are_not():
    levels = np.array([[person.level(muscle, 0.25, 0.56) for muscle in MUSCLES] for person in PERSONS])
    assert levels.mean() == pytest.approx(0.25, rel=0.05)
    assert levels.std() / levels.mean() == pytest.approx(0.56, rel=0.12)
    pairs = np.corrcoef(np.log(levels).T)[np.triu_indices(len(MUSCLES), 1)]
    assert pairs.mean() == pytest.approx(0.25, abs=0.08)


def test_days_move_gain_and_spectrum_as_new_electrodes_do():
    person = PERSONS[0]
    days = [draw_day(person, seed) for seed in range(400)]
    for muscle, cv in (("biceps_femoris", 0.20), ("gluteus_maximus", 0.25)):
        gain = np.array([day.gain[muscle, "left"] for day in days])
        assert gain.std() / gain.mean() == pytest.approx(cv, rel=0.12)
    factor = np.array([day.mdf_factor["erector_spinae", "right"] for day in days])
    assert factor.std() == pytest.approx(0.08, rel=0.12)
    noise_uv = np.array([list(day.noise_uv.values()) for day in days])
    assert 1.0 <= noise_uv.min() <= noise_uv.max() <= 8.0


def test_sides_of_a_person_differ_for_good():
    ratio = []
    for person in PERSONS[:60]:
        days = [draw_day(person, seed) for seed in range(30)]
        left, right = (np.mean([np.log(day.gain["biceps_femoris", side]) for day in days]) for side in SIDES)
        ratio.append(right - left)
    assert np.std(ratio) == pytest.approx(0.10 * np.sqrt(2), rel=0.35)


def test_repetitions_scatter_follow_each_other_and_drift():
    sets = np.log([draw_reps(12, seed) for seed in range(600)])
    index = np.arange(12) - 5.5
    slopes = sets @ index / (index @ index)
    rest = sets - slopes[:, None] * index
    assert slopes.std() == pytest.approx(np.hypot(0.06 / np.sqrt(12), 0.013), rel=0.2)
    assert rest.std() == pytest.approx(0.11, abs=0.015)
    flat = np.log([draw_reps(200, seed) for seed in range(40)])
    flat -= flat.mean(axis=1, keepdims=True) + np.arange(-99.5, 100) * np.polyfit(np.arange(200), flat.T, 1)[0][:, None]
    assert np.corrcoef(flat[:, :-1].ravel(), flat[:, 1:].ravel())[0, 1] == pytest.approx(0.3, abs=0.05)
