import numpy as np
import pytest

from firmware_sim import bridges
from firmware_sim.wearer import DRIVE_HZ, MUSCLES, SIDES


@pytest.fixture(scope="module")
def script():
    return bridges(8, seed=3)


def at(t_s):
    """Index of a script time in the truth."""
    return round(t_s * DRIVE_HZ)


def test_cues_come_in_the_order_of_a_session(script):
    kinds = [cue.kind for cue in script.cues]
    assert kinds == [
        "baseline_start", "baseline_stop",
        *["reference_start", "reference_stop"] * 3,
        "set_start", "set_stop",
    ]  # fmt: skip
    assert [cue.data["group"] for cue in script.cues if cue.kind == "reference_start"] == ["G", "H", "E"]
    times = [cue.t_s for cue in script.cues]
    assert times == sorted(times)
    assert script.cues[-2].data == {"exercise": "bridge_2leg", "target_reps": 8}
    assert times[-1] - script.reps[-1].end_s == pytest.approx(2.0)
    assert script.duration_s == pytest.approx(times[-1] + 1.0)
    assert 70.0 < script.duration_s < 85.0


@pytest.mark.parametrize("reps", [1, 2, 8, 30])
def test_any_number_of_reps_is_performed_with_holds_of_2_to_4_s(reps):
    script = bridges(reps, seed=reps)
    assert [rep.index for rep in script.reps] == list(range(1, reps + 1))
    assert set(script.onsets) == set(range(1, reps + 1))
    for rep in script.reps:
        assert 2.0 <= rep.release_s - rep.top_s <= 4.0
        assert 0.9 <= rep.top_s - rep.start_s <= 1.4
        assert 1.2 <= rep.end_s - rep.release_s <= 1.8
    assert all(drive.shape == script.angle_deg["thigh"].shape for drive in script.drive.values())


@pytest.mark.parametrize("reps", [0, 31])
def test_other_numbers_of_reps_are_refused(reps):
    with pytest.raises(ValueError, match="1 to 30"):
        bridges(reps)


def test_takeover_raises_the_dominance_index_in_the_second_half(script):
    sdi = np.array([rep.sdi for rep in script.reps])
    assert sdi[4:].mean() - sdi[:4].mean() > 0.3
    assert sdi[-1] - sdi[:4].mean() > 0.6
    assert script.reps[-1].share_glute < script.reps[0].share_glute - 0.1


def test_without_takeover_the_dominance_index_stays():
    sdi = np.array([rep.sdi for rep in bridges(8, seed=3, takeover=False).reps])
    assert abs(sdi[4:].mean() - sdi[:4].mean()) < 0.15


def test_truth_is_the_mean_drive_of_the_hold(script):
    rep = script.reps[2]
    held = slice(at(rep.top_s), at(rep.release_s))
    glute, hamstring, erector = (
        np.mean([script.drive[muscle, side][held].mean() for side in SIDES]) for muscle in MUSCLES
    )
    assert rep.share_glute == pytest.approx(glute / (glute + hamstring + erector), abs=0.005)
    assert rep.sdi == pytest.approx(np.log(np.sqrt(hamstring * erector) / glute), abs=0.01)
    assert glute == pytest.approx(0.45, rel=0.25)


def test_each_reference_is_near_maximal_in_its_own_muscle_only(script):
    starts = {cue.data["group"]: cue.t_s for cue in script.cues if cue.kind == "reference_start"}
    for group, muscle in zip("GHE", MUSCLES, strict=True):
        middle = at(starts[group] + 1.8)
        for other in MUSCLES:
            for side in SIDES:
                drive = script.drive[other, side][middle - 250 : middle + 250].mean()
                assert 0.85 < drive < 1.05 if other == muscle else drive < 0.1
    during = script.angle_deg["thigh"][at(starts["G"]) : at(starts["E"]) + 1700]
    assert during.max() < 2.0


def test_muscles_are_silent_at_rest_and_switch_on_in_the_order_h_e_g(script):
    rest = slice(at(1.0), at(4.0))
    assert all(0.0015 < drive[rest].mean() < 0.006 for drive in script.drive.values())
    relative = {
        muscle: np.mean([
            script.onsets[rep.index][muscle, side] - rep.start_s for rep in script.reps for side in SIDES
        ])
        for muscle in MUSCLES
    }  # fmt: skip
    assert relative["biceps_femoris"] == pytest.approx(-0.06, abs=0.01)
    assert relative["erector_spinae"] == pytest.approx(-0.03, abs=0.01)
    assert relative["gluteus_maximus"] == pytest.approx(0.02, abs=0.01)


def test_segments_lift_by_their_excursion_and_stay_within_4_degrees_while_held(script):
    for segment, excursion_deg in (("thigh", 32.0), ("pelvis", 20.0), ("lumbar", 14.0)):
        angle = script.angle_deg[segment]
        for rep in script.reps:
            held = angle[at(rep.top_s) : at(rep.release_s)]
            assert held.mean() == pytest.approx(excursion_deg, rel=0.15)
            assert np.ptp(held) < 4.0


def test_a_seed_is_a_performance():
    assert bridges(3, seed=5).reps == bridges(3, seed=5).reps
    assert bridges(3, seed=5).reps != bridges(3, seed=6).reps
