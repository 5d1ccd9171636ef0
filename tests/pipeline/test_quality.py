"""Quality in the whole chain: what is masked, what is said, and that clean signals are left alone."""

from dataclasses import replace

import numpy as np
import pytest
from made_session import Session
from simulated import entries_of, events_of, script_of, session_time

from emgmon.dsp.envelope import HOP_S
from emgmon.metrics.base import MAX_LOST
from emgmon.model import Placement, QualityChanged, QualityFlag, SignalSeen, Stream, TimedBlock
from emgmon.pipeline.checks import Checks, HeartTrack
from emgmon.pipeline.tracks import EmgTrack
from emgmon.report.tables import judge
from emgmon.runner import analyse
from firmware_sim import Faults, Window

PLACE, GLUTE = Placement("biceps_femoris", "left"), Placement("gluteus_maximus", "left")


def track_of(samples, fs_hz, unit="uv", size=50):
    """A track that was fed in packets, and what changed."""
    stream = Stream("x", "emg", unit, fs_hz, (PLACE,))
    track, changes = EmgTrack(PLACE, unit, fs_hz), []
    for first in range(0, len(samples), size):
        track.add(TimedBlock(stream, samples[first : first + size, None], first / fs_hz, 1 / fs_hz), 0)
        changes += track.changed
    return track, changes


@pytest.mark.slow
def test_a_clean_session_has_no_flag(told, summary):
    flags = [event for event in told[0] if isinstance(event, QualityChanged)]
    assert len(flags) / (summary.duration_s / 60.0) <= 0.2
    assert all(channel.masked == 0 for channel in summary.channels)
    assert {channel.device_class for channel in summary.channels if channel.quantity == "emg"} == {"A"}


@pytest.mark.slow
def test_a_lifted_electrode_is_said_and_not_counted():
    script = script_of(2, seed=4)
    rep = script.reps[1]
    faults = Faults(lifted=(Window("EMG-HL", rep.start_s, rep.end_s - rep.start_s),))
    entries = entries_of(script, seed=4, faults=faults)
    events, summary = events_of(entries)
    changes = [event for event in events if isinstance(event, QualityChanged) and event.placement == PLACE]
    assert ("LEAD", "red") in {(event.code, event.state) for event in changes}
    first_s = next(event.t_s for event in changes if event.code == "LEAD")
    assert first_s - session_time(entries, rep.start_s) < 1.5
    (channel,) = [c for c in summary.channels if c.placement == PLACE and c.quantity == "emg"]
    assert channel.masked > 1000 * (rep.end_s - rep.start_s) * 0.8
    assert channel.lost == 0
    (done,) = summary.sets
    lost = [v for v in done.reps[1].values if v.metric == "sdi" and v.phase == "hold" and v.where == "left"]
    assert lost[0].flag == "signal lost"


@pytest.mark.parametrize(("masked", "words"), [(0, "good"), (500, "loose"), (50_000, "loose")])
def test_the_report_says_what_made_samples_useless(masked, words):
    summary = analyse(entries_of(script_of(1, seed=2), seed=2, sensors=["EMG-GL"])[:2000])
    flags = (QualityFlag("LEAD", "red", 5.0),) if masked else ()
    channel = replace(summary.channels[0], masked=masked, flags=flags)
    assert judge(channel) == ("disc" if not masked else "triangle" if masked == 500 else "cross", words)


@pytest.mark.parametrize(("code", "state", "words"), [("SITE", "red", "other muscle?"), ("SITE", "amber", "good")])
def test_the_report_doubts_what_is_red_without_being_useless(code, state, words):
    summary = analyse(entries_of(script_of(1, seed=2), seed=2, sensors=["EMG-GL"])[:2000])
    channel = replace(summary.channels[0], flags=(QualityFlag(code, state, 5.0),))
    assert judge(channel)[1] == words


@pytest.mark.parametrize("size", [7, 25, 1000])
def test_masked_hops_do_not_depend_on_the_packets(size):
    samples = np.random.default_rng(3).normal(0, 20, 9000)
    samples[4000:4300] = 7.0
    masked = [np.isnan(track_of(samples, 1000.0, size=n)[0].series.power[:800]) for n in (50, size)]
    np.testing.assert_array_equal(*masked)
    assert masked[0][400:430].all()
    assert not masked[0][20:300].any()


@pytest.mark.parametrize("task", ["sub01_frontkicking", "sub01_jumping"])
def test_saturated_real_channels_are_not_scored(realdata, task):
    with np.load(realdata / "uci_physical_action" / f"{task}.npz") as file:
        emg = file["emg_data"].astype(np.float64)
    scored = []
    for channel in emg.T:
        if (np.abs(channel) >= 4000).mean() > 0.03:
            power = track_of(channel, 1000.0, "a.u.")[0].series.power
            scored.append(np.isfinite(power).sum() >= (1.0 - MAX_LOST) * len(channel) / 1000.0 / HOP_S)
    assert scored
    assert not any(scored)


def test_a_bridge_between_two_sensors_is_told():
    rng = np.random.default_rng(0)
    frequency_hz = np.fft.rfftfreq(16_000, 1e-3)
    shape = frequency_hz**2 / ((frequency_hz**2 + 60.0**2) * (frequency_hz**2 + 120.0**2))
    work = np.fft.irfft(np.fft.rfft(rng.standard_normal((2, 16_000))) * shape, 16_000)
    quiet = rng.standard_normal((2, 4000))
    glute, hamstring = np.concatenate([quiet, 60.0 * work / work.std()], axis=1)
    for gain, code in ((0.0, ""), (0.5, "XTALK"), (2.0, "XTALK")):
        worn = {GLUTE: glute, PLACE: hamstring + gain * glute}
        tracks = {place: EmgTrack(place, "uv", 1000.0, device=place.muscle, noise=1.0) for place in worn}
        checks = Checks()
        for second in range(20):
            for place, samples in worn.items():
                part = samples[1000 * second : 1000 * (second + 1), None]
                stream = Stream(place.muscle, "emg", "uv", 1000.0, (place,))
                tracks[place].add(TimedBlock(stream, part, float(second), 1e-3), 0)
            checks.second(second + 1.0, tracks, {}, [])
        told = {flag.code: flag.state for flag in tracks[PLACE].flags if flag.code == "XTALK"}
        assert told == ({code: "red" if gain > 1 else "amber"} if code else {})


@pytest.mark.slow
@pytest.mark.parametrize("swapped", [False, True])
def test_electrodes_put_on_in_exchange_are_told(swapped):
    labels = {"EMG-GL": str(PLACE), "EMG-HL": str(GLUTE)} if swapped else None
    sensors = ["EMG-GL", "EMG-HL", "EMG-GR", "EMG-HR"]
    summary = events_of(entries_of(script_of(1, seed=2), seed=2, sensors=sensors, labels=labels))[1]
    told = {
        str(c.placement) for c in summary.channels for flag in c.flags if (flag.code, flag.state) == ("SITE", "red")
    }
    assert told == ({str(PLACE), str(GLUTE)} if swapped else set())


def test_an_envelope_goes_through_with_its_own_class_and_no_onset():
    stream = Stream("x", "envelope", "a.u.", 1000.0, (PLACE,))
    level = 1.0 + 0.01 * np.random.default_rng(1).standard_normal(4000)
    level[2000:] += 20.0
    track = EmgTrack(PLACE, "a.u.", 1000.0, raw=False)
    track.add(TimedBlock(stream, level[:, None], 0.0, 1e-3), 0)
    assert track.level(2.5, 3.5) == pytest.approx(21.0, rel=0.01)
    assert track.chain.delay_s == 0.0
    assert not track.stretch(0.0, 4.0).raw


def test_what_is_learnt_at_a_tick_holds_from_the_same_sample_for_any_packets():
    rng = np.random.default_rng(4)
    samples = np.concatenate([2.0 * rng.standard_normal(6000), 9.0 * rng.standard_normal(6000)])
    told = []
    for size in (20, 250, 400):
        stream, track = Stream("x", "emg", "uv", 1000.0, (PLACE,)), EmgTrack(PLACE, "uv", 1000.0)
        changes, ticks = [], [4.0]
        for first in range(0, len(samples), size):
            track.add(TimedBlock(stream, samples[first : first + size, None], first / 1000.0, 1e-3), 0)
            changes += track.changed
            if ticks and (first + size) / 1000.0 >= ticks[0]:
                track.take_noise(1.0, ticks.pop(0))
                track.know(4.0, "noise", 12.0)
        told.append([(round(change.t_s, 6), change.code, change.state) for change in changes])
    assert told[0]
    assert told[0] == told[1] == told[2]


def test_beats_of_a_chest_strap_reach_the_channels_of_the_trunk():
    heart = HeartTrack(130.0)
    beat = np.exp(-0.5 * ((np.arange(1300) % 104 - 50) / 1.5) ** 2)
    stream = Stream("strap", "ecg", "uv", 130.0, (None,))
    times_s = heart.add(TimedBlock(stream, 500.0 * beat[:, None], 20.0, 1 / 130.0))
    assert len(times_s) > 6
    assert min(abs((t_s - 20.0) * 130.0 % 104 - 50) for t_s in times_s) < 2
    back, thigh = EmgTrack(Placement("erector_spinae", "left"), "uv", 1000.0), EmgTrack(PLACE, "uv", 1000.0)
    for track in (back, thigh):
        track.add(TimedBlock(stream, np.zeros((500, 1)), 20.0, 1e-3), 0)
        for t_s in times_s:
            track.beat(t_s)
    assert back.chain.heart is not None
    assert thigh.chain.heart is None
    heart.restart()
    assert heart.add(TimedBlock(stream, np.zeros((10, 1)), 40.0, 1 / 130.0)) == []


def test_the_signals_page_gets_the_same_samples_raw_and_filtered():
    entries = Session(rest_uv=20.0).do(2.0).entries()
    events, _summary = events_of(entries)
    seen = [event for event in events if isinstance(event, SignalSeen) and event.placement.group == "G"]
    assert all(event.raw.shape == event.samples.shape for event in seen)
    assert {event.delay_s > 0.0 for event in seen} == {True}
    raw, filtered = (np.concatenate([getattr(event, name) for event in seen]) for name in ("raw", "samples"))
    assert np.std(raw) == pytest.approx(20.0, rel=0.1)
    assert not np.array_equal(raw, filtered)
