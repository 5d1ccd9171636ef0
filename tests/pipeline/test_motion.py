from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.exercise.posture import tilt_change
from emgmon.model import CalibrationTaken, Mark, Notice, Placement, Stream, TimedBlock
from emgmon.pipeline import Pipeline
from emgmon.pipeline.calibrating import Calibrating
from emgmon.pipeline.motion import ImuTrack
from emgmon.pipeline.standing import standing_in
from emgmon.pipeline.worn_angles import angles_of
from emgmon.validation.sessions import Imu, Plan, entries_of, told

FS_HZ = 100.0
SACRUM = Placement("sacrum", "midline")


def bowing(seed=0):
    """Stand 6 s, bow five times by 60 deg in 3 s each, stand 3 s; x is forward, y left, z up. Tilt and samples."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(0, 24, 1 / FS_HZ)
    bent = (time_s >= 6) & (time_s < 21)
    tilt = np.where(bent, 30 * (1 - np.cos(2 * np.pi * (time_s - 6) / 3)), 0.0)
    a, rate = np.radians(tilt), np.gradient(tilt, 1 / FS_HZ)
    acc = np.column_stack([-np.sin(a), 0 * a, np.cos(a)]) + rng.normal(0, 0.003, (len(a), 3))
    gyro = np.column_stack([0 * rate, rate, 0 * rate]) + rng.normal(0, 0.1, (len(a), 3)) + [1.0, -0.5, 0.3]
    return time_s, tilt, np.column_stack([acc, gyro])


def track_of(samples, place=SACRUM, quantity="imu", fs_hz=FS_HZ, cuts=()):
    stream = Stream("M", quantity, "g,dps", fs_hz, (place,))
    track = ImuTrack(stream)
    for a, b in pairwise([0, *sorted(cuts), len(samples)]):
        if a < b:
            track.add(TimedBlock(stream, samples[a:b], a / fs_hz, 1 / fs_hz))
    return track


def calibrate(track, marks=((0.0, "stand_start"), (5.5, "stand_stop"), (6.0, "hinge_start"), (21.5, "hinge_stop"))):
    steps = Calibrating()
    return [event.text for t_s, kind in marks for event in steps.mark(t_s, Mark(0, kind), [track])]


def test_stand_and_bows_give_the_pelvic_tilt():
    time_s, tilt, samples = bowing()
    track = track_of(samples)
    told = calibrate(track)
    assert told[1] == "Stance taken: 1 motion sensor."
    assert told[3].startswith("Bending axis taken: sacrum/midline 100% of 60°")
    found = angles_of([track], time_s[10:-10]).get("pelvic_tilt")
    assert np.abs(found - tilt[10:-10]).max() < 1.5
    assert angles_of([track], time_s[750:751]).now("pelvic_tilt") == pytest.approx(tilt[750], abs=1.5)


def test_an_accelerometer_alone_gives_the_tilt_later_but_no_turning():
    time_s, tilt, samples = bowing()
    track = track_of(samples[:, :3], quantity="acceleration")
    assert "Bending axis taken" in calibrate(track)[3]
    angles = angles_of([track], time_s[600:2000])
    assert np.abs(angles.get("pelvic_tilt") - tilt[600:2000]).max() < 3.0
    assert track.up.newest_s < time_s[-1] - 0.1
    foot = track_of(samples[:, :3], Placement("foot", "left"), "acceleration")
    calibrate(foot)
    assert "gyroscope" in angles_of([foot], time_s[500:510]).reason("foot_turn_out", "left")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 2399), st.integers(1, 60)), max_size=40).map(sorted),
    st.lists(st.integers(-5, 1250), min_size=30, max_size=30).map(sorted),
    st.lists(st.integers(20, 60), min_size=30, max_size=30).map(sorted),
)
def test_directions_at_once_are_what_is_seen_when_the_time_comes(blocks, ticks, entries):
    """Samples late, lost, twice; some were looked at before."""
    samples = bowing()[2]
    samples[300:350] = np.nan
    ahead, plain = (ImuTrack(Stream("M", "imu", "g,dps", FS_HZ, (SACRUM,))) for _ in range(2))
    for track in (ahead, plain):
        for entry, first, n in blocks:
            track.add(TimedBlock(track.stream, samples[first : first + n], first / FS_HZ, 1 / FS_HZ), entry)
            if entry == 20:
                track.moment.entry = 20
                track.direction_at(0.02 * ticks[0])
    directions = ahead.directions([(0.02 * tick, entry) for tick, entry in zip(ticks, entries, strict=True)])
    for tick, entry, direction in zip(ticks, entries, directions, strict=True):
        ahead.moment.entry = plain.moment.entry = entry
        np.testing.assert_array_equal(direction, plain.direction_at(0.02 * tick) or [np.nan] * 4)
        assert ahead.up.n == plain.up.n


def test_without_calibration_there_is_a_reason_and_the_excursion_still_works():
    time_s, tilt, samples = bowing()
    track = track_of(samples)
    assert "stand still for 5 s" in angles_of([track], time_s[:5]).reason("pelvic_tilt")
    track.set_rest(5.0)
    assert track.excursion_deg(7.5) == pytest.approx(tilt[750], abs=1.5)
    assert np.abs(track.excursions_deg(time_s[600:2000]) - tilt[600:2000]).max() < 1.5


def test_bows_before_a_stance_and_small_ones_are_to_be_repeated():
    _time_s, _tilt, samples = bowing()
    track = track_of(samples)
    assert "has no stance yet" in calibrate(track, ((6.0, "hinge_start"), (21.5, "hinge_stop")))[1]
    still = ((0.0, "stand_start"), (3.0, "stand_stop"), (3.0, "hinge_start"), (5.9, "hinge_stop"))
    assert "Repeat, slower and deeper: sacrum/midline hardly moved" in calibrate(track, still)[3]
    moving = ((7.0, "stand_start"), (12.0, "stand_stop"))
    assert "Stand still once more" in calibrate(track, moving)[1]


def judged(track, *marks):
    steps = Calibrating()
    events = [event for t_s, kind in marks for event in steps.mark(t_s, Mark(0, kind), [track])]
    return [event for event in events if isinstance(event, CalibrationTaken)], steps


STOOD = ((0.0, "stand_start"), (5.5, "stand_stop"))
BOWED = ((6.0, "hinge_start"), (21.5, "hinge_stop"))


def test_each_part_answers_in_figures():
    track = track_of(bowing()[2])
    (stood, bowed), _steps = judged(track, *STOOD, *BOWED)
    assert (stood.part, stood.good, bowed.part, bowed.good) == ("stand", True, "hinge", True)
    assert stood.seen[0].sway_deg < 0.5
    assert bowed.seen[0].explained > 0.98
    assert bowed.seen[0].range_deg == pytest.approx(60.0, abs=2.0)
    (small,), _steps = judged(track_of(bowing()[2]), *BOWED)
    assert (small.good, small.seen[0].reason) == (False, "has no stance yet")
    (moving,), _steps = judged(track_of(bowing()[2]), (7.0, "stand_start"), (12.0, "stand_stop"))
    assert not moving.good
    assert moving.seen[0].sway_deg > 2.0
    assert "moved by" in moving.seen[0].reason


def test_a_part_that_is_left_changes_nothing():
    track = track_of(bowing()[2])
    left, _steps = judged(track, (0.0, "stand_start"), (5.5, "stand_cancel"), (5.6, "stand_stop"))
    assert left == []
    assert track.frame is None


def test_posture_is_taken_and_refused():
    track = track_of(bowing()[2])
    (_stood, _bowed, posture), steps = judged(track, *STOOD, *BOWED, (21.6, "posture_start"), (24.0, "posture_stop"))
    assert (posture.good, posture.text) == (True, "Standing taken.")
    standing = steps.standing(track)
    assert tilt_change(standing, standing).change_deg == pytest.approx(0.0, abs=0.1)
    np.testing.assert_array_equal(standing.left, track.frame.left)
    (swaying,), steps = judged(track_of(bowing()[2]), (7.0, "posture_start"), (12.0, "posture_stop"))
    assert not swaying.good
    assert "Standing cannot be judged: the sensor moved by" in steps.standing(track)
    thigh = track_of(bowing()[2], Placement("thigh", "left"))
    (nowhere,), steps = judged(thigh, (0.0, "posture_start"), (5.5, "posture_stop"))
    assert nowhere.text == "Posture needs a motion sensor on the sacrum."
    assert "Standing was not recorded" in steps.standing(thigh)


def test_the_pipeline_knows_how_the_pelvis_stood():
    plan = Plan()
    for t_s, kind in (*STOOD, *BOWED):
        plan.add(t_s + 0.1, kind)
    entries = entries_of(plan, imus=[Imu(bowing()[2], FS_HZ, "sacrum/midline")])
    pipeline = Pipeline()
    assert pipeline.standing() == "It needs a motion sensor on the sacrum."
    for entry in entries:
        pipeline.feed(entry)
    pipeline.close()
    again = standing_in(entries)
    np.testing.assert_allclose(pipeline.standing().up, again.up, atol=1e-9)
    np.testing.assert_allclose(pipeline.standing().left, again.left, atol=1e-9)


def test_a_sensor_that_was_put_elsewhere_is_not_calibrated_any_more():
    _time_s, _tilt, samples = bowing()
    track = track_of(samples)
    calibrate(track)
    elsewhere = Stream("M", "imu", "g,dps", FS_HZ, (Placement("thigh", "left"),))
    track.add(TimedBlock(elsewhere, samples[:10], 24.0, 1 / FS_HZ))
    assert track.frame is None
    assert track.placement == Placement("thigh", "left")


def test_a_foot_turns_out_and_is_believed_for_five_seconds():
    time_s, _tilt, samples = bowing()
    foot = samples.copy()
    foot[:, :3], foot[:, 3:] = [0.0, 0.0, 1.0], [1.0, -0.5, 0.3]
    foot[600:700, 5] += 12.0
    track = track_of(foot, Placement("foot", "left"))
    calibrate(track, ((0.0, "stand_start"), (5.5, "stand_stop")))
    angles = angles_of([track], time_s[600:1200], since_s=5.9)
    turned = angles.get("foot_turn_out", "left")
    assert turned[110] == pytest.approx(12.0, abs=0.5)
    assert np.isfinite(turned[:480]).all()
    assert np.isnan(turned[500:]).all()
    foot[650:680] = np.nan
    broken = track_of(foot, Placement("foot", "left"))
    calibrate(broken, ((0.0, "stand_start"), (5.5, "stand_stop")))
    assert np.isnan(angles_of([broken], time_s[690:700], since_s=5.9).get("foot_turn_out", "left")).all()


def test_a_slow_sensor_is_not_stale_between_its_samples():
    _time_s, _tilt, samples = bowing()
    track = track_of(samples[::4], fs_hz=25.0)
    track.set_rest(5.0)
    assert track.stale_s == pytest.approx(0.1)
    assert np.isfinite([track.excursion_deg(t) for t in np.arange(5.0, 23.0, 0.01)]).all()
    assert np.isnan(track.excursion_deg(24.2))


def test_a_wrong_accelerometer_is_told_once():
    _time_s, _tilt, samples = bowing()
    samples = np.concatenate([samples, samples]) * [1.2, 1.2, 1.2, 1, 1, 1]
    track = track_of(samples)
    assert track.complaint(10.0) == ""
    assert "reads 20% too much gravity" in track.complaint(40.0)
    assert track.complaint(41.0) == ""


BETWEEN_SAMPLES = ((0.003, "stand_start"), (5.503, "stand_stop"), (6.003, "hinge_start"), (21.503, "hinge_stop"))
"""No sample's time falls on an edge here: times that are added up differently differ in their last digit."""


@settings(max_examples=10)
@given(st.lists(st.integers(0, 2400), max_size=8))
def test_chunking(cuts):
    time_s, _tilt, samples = bowing()
    samples[900:905] = np.nan
    found = []
    for track in (track_of(samples), track_of(samples, cuts=cuts)):
        calibrate(track, BETWEEN_SAMPLES)
        track.set_rest(5.003)
        found.append((track.excursions_deg(time_s[500:2300]), track.frame.left, track.up.rows.copy()))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(found[0][2], found[1][2])


def test_a_recording_brings_its_calibration_along():
    """Marks and packets through the whole pipeline; a wrong accelerometer is one note."""
    _time_s, _tilt, samples = bowing()
    samples = np.concatenate([samples, samples[-300:]])
    plan = Plan()
    for t_s, kind in ((0.1, "stand_start"), (5.5, "stand_stop"), (6.0, "hinge_start"), (21.5, "hinge_stop")):
        plan.add(t_s, kind)
    high = samples * [1.15, 1.15, 1.15, 1, 1, 1]
    events, summary = told(
        entries_of(plan, imus=[Imu(samples, FS_HZ, "sacrum/midline"), Imu(high, FS_HZ, "thigh/left")])
    )
    texts = [event.text for _ns, event in events if isinstance(event, Notice)]
    assert texts[:2] == ["Stand still, feet parallel", "Stance taken: 2 motion sensors."]
    assert any("sacrum/midline 100% of 60°" in text for text in texts)
    assert [note for note in summary.notes if "too much gravity" in note] == [
        text for text in texts if text.startswith("The accelerometer of imu1 reads 15%")
    ]
