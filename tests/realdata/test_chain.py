"""The signal chain on recordings of real people: heart, hum, starts against force, envelopes, neighbours."""

import math

import numpy as np
import pytest
from scipy import signal

from emgmon.dsp.beats import RPeaks
from emgmon.dsp.crosstalk import PairWatch
from emgmon.dsp.filters import ERECTOR_SPINAE, BandPass, BandPassSettings
from emgmon.dsp.onset import onset_near
from emgmon.dsp.quality import RED
from emgmon.model import Placement, Stream, TimedBlock
from emgmon.pipeline.chain import Chain
from emgmon.pipeline.tracks import EmgTrack

BACK, THIGH = Placement("erector_spinae", "left"), Placement("biceps_femoris", "left")


def load(realdata, name, stream="emg"):
    with np.load(realdata / f"{name}.npz") as file:
        return file[f"{stream}_data"].astype(np.float64), float(file[f"{stream}_fs"])


def hops_of(samples, fs_hz, place=BACK, unit="uv"):
    """Mean squares of hops of a channel fed in packets of 50 samples, and its track."""
    stream, track = Stream("x", "emg", unit, fs_hz, (place,)), EmgTrack(place, unit, fs_hz)
    for first in range(0, len(samples), 50):
        track.add(TimedBlock(stream, samples[first : first + 50, None], first / fs_hz, 1 / fs_hz), 0)
    return track.series.power, track


def test_a_real_heart_on_real_muscle_changes_its_level_by_less_than_a_tenth(realdata):
    """Biceps bursts over their own noise of 2 µV, with R waves of 50 µV of another person's ECG laid over them."""
    emg, fs_hz = load(realdata, "biosppy/emg")
    ecg, ecg_hz = load(realdata, "biosignalsplux/ecg_20s_lead2", "ecg")
    assert ecg_hz == fs_hz
    heart = ecg[:, 0] - np.median(ecg[:, 0])
    heart = np.tile(heart / np.percentile(heart, 99.9), -(-len(emg) // len(heart)))[: len(emg)]
    muscle = emg[:, 0] - np.median(emg[:, 0])
    seconds = BandPass(fs_hz)(muscle)[200:][:99_000].reshape(-1, 1000)
    muscle *= 2.0 / math.sqrt((seconds**2).mean(axis=1).min())
    clean, (dirty, track) = hops_of(muscle, fs_hz)[0], hops_of(muscle + 50.0 * heart, fs_hz)
    plain = BandPass(fs_hz, ERECTOR_SPINAE)(muscle + 50.0 * heart)
    plain = (plain[: len(plain) // 10 * 10].reshape(-1, 10) ** 2).mean(axis=1)
    known = np.isfinite(clean) & np.isfinite(dirty)
    known[:1500] = known[-200:] = False
    quiet = known & (clean < np.nanpercentile(clean[known], 40))
    loud = known & (clean > np.nanpercentile(clean[known], 90))
    error = [math.sqrt(dirty[part].mean() / clean[part].mean()) - 1.0 for part in (quiet, loud)]
    before = math.sqrt(plain[: len(clean)][quiet].mean() / clean[quiet].mean()) - 1.0
    assert track.chain.heart.ratio > 0.3
    assert abs(error[0]) < 0.10
    assert abs(error[1]) < 0.02
    assert before > 0.25


def test_beats_in_a_chest_channel_are_mostly_taken_out(realdata):
    """Both pectorales, with contractions: what beats with the heart is less than half of what the high-pass leaves."""
    samples, fs_hz = load(realdata, "trunk_ecg_pectoralis/part1_0_19s")
    for channel in samples.T * 1e3:
        chain = Chain(fs_hz, "uv", ERECTOR_SPINAE)
        plain, judged = chain(channel)
        taken = plain.copy()
        for first, part in (revision for item in judged for revision in item.revised):
            taken[first : first + len(part)] = part
        beats = [round(at) for at in RPeaks(fs_hz)(channel) if 300 < at < len(channel) - 300]
        assert len(beats) > 20
        assert beating(taken, beats) < 0.5 * beating(plain, beats)


def beating(filtered, beats):
    """RMS of the mean beat, less what chance makes of so many."""
    cut = np.array([filtered[at - 100 : at + 160] for at in beats])
    cut = cut[np.isfinite(cut).all(axis=1)]
    mean, chance = (cut.mean(axis=0) ** 2).mean(), cut.var(axis=0, ddof=1).mean() / len(cut)
    return math.sqrt(max(mean - chance, 0.0))


@pytest.mark.slow
def test_hum_of_60_hz_is_found_and_taken_out(realdata):
    samples, fs_hz = load(realdata, "openbci_log/jaw_clench_v6")
    for channel in samples.T:
        chain = Chain(fs_hz, "uv")
        filtered, judged = chain(channel)
        assert chain.mains.hum is not None
        assert chain.mains.hum.f0_hz == pytest.approx(60.0, abs=0.1)
        assert "PLI" in {item.verdict.code for item in judged}
        later = slice(round(10 * fs_hz), None)
        before, after = BandPass(fs_hz, BandPassSettings())(channel)[later], filtered[later]
        assert line(after, fs_hz) < 0.1 * line(before, fs_hz)


def line(filtered, fs_hz, f0_hz=60.0):
    """RMS within half a hertz of a line over all that is there."""
    values = np.nan_to_num(filtered)
    frequency_hz, power = signal.periodogram(values, fs_hz, "hann")
    return math.sqrt(power[np.abs(frequency_hz - f0_hz) < 0.5].sum())


@pytest.mark.parametrize(("person", "test", "muscle"), [("ID_05", 1, "BF"), ("ID_08", 2, "TA")])
def test_muscle_starts_before_the_force(realdata, person, test, muscle):
    """The two of 28 contractions that begin after the recording; force from 5 % of its way on.

    Muscle precedes force by 30 to 100 ms in young people and more in old ones; the tolerance is 250 ms before to 50 ms
    after, as the load cell's own threshold adds to it.
    """
    emg, fs_hz = load(realdata, f"elderly_isometric/{person}", f"emg_test_{muscle}")
    force = load(realdata, f"elderly_isometric/{person}", "force")[0][:, test]
    force = force[np.isfinite(force)]
    smooth = signal.sosfiltfilt(signal.butter(2, 20, fs=fs_hz, output="sos"), force)
    rest, top = np.median(smooth[:400]), np.percentile(smooth, 98)
    half = int(np.flatnonzero(smooth > rest + 0.5 * (top - rest))[0])
    moved_s = (int(np.flatnonzero(smooth[:half] < rest + 0.05 * (top - rest))[-1]) + 1) / fs_hz
    filtered = BandPass(fs_hz)(emg[: len(force), test])
    begin_s = 0.16  # the filter's start
    found = onset_near(filtered[round(begin_s * fs_hz) :], fs_hz, moved_s - begin_s, look_s=0.3)
    assert -0.25 < found.onset_s + begin_s - moved_s < 0.05
    assert found.snr_db > 10


def test_envelopes_pass_as_they_are(realdata):
    samples, fs_hz = load(realdata, "gait_envelopes/walk36")
    for channel in samples.T:
        filtered, judged = Chain(fs_hz, "a.u.", raw=False)(channel)
        np.testing.assert_array_equal(filtered, channel)
        assert not any(item.verdict.mask for item in judged)


def test_neighbours_on_a_real_leg_are_no_crosstalk_until_they_are_bridged(realdata):
    """Gluteus maximus and medius, biceps and semitendinosus of a walk; then a bridge of gel between two of them."""
    with np.load(realdata / "gait_santuz_walk" / "ID0012_TW_01.npz") as file:
        names, emg = [str(name) for name in file["emg_names"]], file["emg_data"].astype(np.float64)
    channel = {name: BandPass(1000.0)(emg[:, k])[200:] for k, name in enumerate(names)}

    def highest(first, second):
        watch = PairWatch(1000.0, one_clock=True)
        rests = [float(np.sqrt(np.percentile(one.reshape(-1, 100) ** 2, 5))) for one in (first, second)]
        found = [watch.add(first[a : a + 1000], second[a : a + 1000], *rests) for a in range(0, 7000, 1000)]
        return np.nanmax(found)

    channel = {name: samples[:7000] for name, samples in channel.items()}
    assert highest(channel["MA"], channel["BF"]) < 0.3
    assert highest(channel["ME"], channel["MA"]) < 0.3
    gain = channel["BF"].std() / channel["MA"].std()
    assert highest(channel["MA"], channel["BF"] + 1.2 * gain * channel["MA"]) > 0.6


@pytest.mark.parametrize("name", ["gait_santuz_walk/ID0012_TW_01", "biosignalsplux/emg_bursts", "biosppy/emg"])
def test_good_recordings_are_never_red(realdata, name):
    samples, fs_hz = load(realdata, name)
    for channel in samples.T:
        judged = Chain(fs_hz, "a.u.")(channel)[1]
        assert not any(item.verdict.level == RED for item in judged)
