"""A person's way to perform a script: effort, level, scatter; and the indices that follow."""

import numpy as np
import pytest

from firmware_sim import bridges
from firmware_sim.body import Body
from firmware_sim.habits import GROUP_OF, performed_by
from firmware_sim.person import draw_person
from firmware_sim.physiology import body_signals
from firmware_sim.truth import reference_amplitude, reference_windows
from firmware_sim.wearer import DRIVE_HZ, GROUPS

GLUTE = ("gluteus_maximus", "right")


@pytest.fixture(scope="module")
def script():
    return bridges(8, seed=3, takeover=False)


def level(script, site, rep):
    return script.drive[site][int(rep.top_s * DRIVE_HZ) : int(rep.release_s * DRIVE_HZ)].mean()


def test_references_reach_the_person_s_effort_and_no_more(script):
    for seed in range(5):
        person = draw_person(seed)
        done = performed_by(person, script, seed=seed)
        for group, muscle in GROUPS.items():
            ((from_s, to_s),) = reference_windows(done, group)
            third = (to_s - from_s) / 3
            middle = slice(int((from_s + third) * DRIVE_HZ), int((to_s - third) * DRIVE_HZ))
            for side in ("left", "right"):
                reached = np.median(done.drive[muscle, side][middle])
                assert reached == pytest.approx(person.effort[muscle], abs=0.001)


def test_effort_shows_in_the_reference_amplitude(script):
    person = draw_person(7)
    done = performed_by(person, script, seed=1)
    truth = body_signals(done, GLUTE, seed=1, body=Body(person=person)).truth
    reached = person.effort[GLUTE[0]] ** person.exponent[GLUTE[0]]
    assert reference_amplitude(done, truth, "G") == pytest.approx(reached, rel=0.08)


def test_levels_are_the_person_s(script):
    plain = [level(script, GLUTE, rep) for rep in script.reps]
    for seed in range(4):
        person = draw_person(seed)
        done = performed_by(person, script, seed=seed, rep_cv=0.0, level_cv=0.3)
        expected = np.minimum(np.array(plain) * person.level(GLUTE[0], 1.0, 0.3), 1.0)
        assert [level(done, GLUTE, rep) for rep in done.reps] == pytest.approx(expected, rel=0.03)


def test_repetitions_scatter_and_muscles_scatter_apart(script):
    done = performed_by(draw_person(1), script, seed=5, level_cv=0.0, rep_cv=0.12)
    ratio = {
        site: np.log([level(done, site, rep) / level(script, site, rep) for rep in script.reps]) for site in done.drive
    }
    assert all(0.03 < part.std() < 0.3 for part in ratio.values())
    pairs = np.corrcoef(list(ratio.values()))[np.triu_indices(len(ratio), 1)]
    assert np.median(pairs) < 0.5


def test_nobody_exceeds_their_maximum_and_the_indices_follow(script):
    for seed in range(6):
        done = performed_by(draw_person(seed), script, seed=seed)
        assert all(0.0 <= drive.min() <= drive.max() <= 1.0 for drive in done.drive.values())
        for rep in done.reps:
            mean = {
                group: np.mean([level(done, (muscle, side), rep) for side in ("left", "right")])
                for group, muscle in GROUPS.items()
            }
            assert rep.sdi == pytest.approx(np.log(np.sqrt(mean["H"] * mean["E"]) / mean["G"]), abs=0.01)
            assert rep.share_glute == pytest.approx(mean["G"] / sum(mean.values()), abs=0.005)


def test_timing_and_marks_stay(script):
    done = performed_by(draw_person(2), script, seed=2)
    assert done.cues == script.cues
    assert done.onsets == script.onsets
    assert [rep.top_s for rep in done.reps] == [rep.top_s for rep in script.reps]


def test_every_muscle_of_a_person_has_a_group():
    assert set(GROUP_OF) == set(draw_person(0).mvic_uv)
