"""Quality in the whole chain: what is masked, what is said, and that clean signals are left alone."""

from dataclasses import replace

import numpy as np
import pytest
from simulated import entries_of, events_of, script_of, session_time

from emgmon.dsp.envelope import HOP_S
from emgmon.metrics.base import MAX_LOST
from emgmon.model import Placement, QualityChanged, QualityFlag, Stream, TimedBlock
from emgmon.pipeline.tracks import EmgTrack
from emgmon.report.tables import judge
from emgmon.runner import analyse
from firmware_sim import Faults, Window

PLACE = Placement("biceps_femoris", "left")


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
