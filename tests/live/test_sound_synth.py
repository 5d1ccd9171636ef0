"""What the synth really renders, read back from its samples."""

import itertools

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from emgmon.live.cues_sound import Sound, Tone
from emgmon.live.synth import FS_HZ, KNEE, Synth, limited, motif

BOUND = 0.15
"""A tone of 1320 Hz with its partials at full volume steps by about 0.12 from sample to sample."""
CLICK = 0.002


def tone(**changed) -> Tone:
    return Tone(**({"pitch_hz": 440.0, "chord": False, "waver": 0.0, "pan": 0.0} | changed))


def settled(with_tone: Tone, seconds: float = 2.0) -> np.ndarray:
    synth = Synth(1.0)
    synth.set_tone(with_tone)
    synth.render(FS_HZ)
    return synth.render(round(seconds * FS_HZ))


def peaks_hz(mono: np.ndarray, floor: float = 0.1) -> list[float]:
    """Frequencies that stand out of a spectrum, by rounded Hz."""
    size = np.abs(np.fft.rfft(mono * np.hanning(len(mono))))
    size /= size.max()
    tops = [k for k in range(1, len(size) - 1) if size[k] > floor and size[k] >= max(size[k - 1], size[k + 1])]
    return [round(k * FS_HZ / len(mono)) for k in tops]


@pytest.mark.parametrize("pitch_hz", [220.0, 440.0, 880.0])
def test_the_strongest_partial_is_the_pitch(pitch_hz):
    assert peaks_hz(settled(tone(pitch_hz=pitch_hz)).mean(axis=1), 0.9) == [pitch_hz]


def test_the_pitch_moves_when_the_tone_does():
    synth = Synth(1.0)
    synth.set_tone(tone(pitch_hz=300.0))
    synth.render(FS_HZ)
    synth.set_tone(tone(pitch_hz=600.0))
    synth.render(round(0.15 * FS_HZ))
    assert peaks_hz(synth.render(FS_HZ).mean(axis=1), 0.9) == [600]


def test_on_target_is_a_steady_chord():
    samples = settled(tone(chord=True)).mean(axis=1)
    assert set(peaks_hz(samples)) == {440, 550, 660, 880}
    tenths = np.sqrt(np.mean(samples.reshape(20, -1) ** 2, axis=1))
    assert np.ptp(tenths) / tenths.mean() < 0.05


@pytest.mark.parametrize("depth", [0.3, 0.9])
def test_the_wavering_is_at_7_hz_and_as_deep_as_asked(depth):
    samples = settled(tone(waver=depth), 4.0).mean(axis=1)
    level = np.sqrt(np.mean(samples.reshape(400, -1) ** 2, axis=1))
    spectrum = np.abs(np.fft.rfft(level - level.mean()))
    assert np.fft.rfftfreq(400, 0.01)[spectrum.argmax()] == 7.0
    assert 1.0 - level.min() / level.max() == pytest.approx(depth, abs=0.05)


def test_pan():
    for pan in (-1.0, -0.5, 0.0, 0.5, 1.0):
        left, right = np.sqrt(np.mean(settled(tone(pan=pan)) ** 2, axis=0))
        assert np.degrees(np.arctan2(right, left)) == pytest.approx((pan + 1) * 45, abs=0.5)


def test_no_tone_is_silence_and_the_tone_stops_within_a_fifth_of_a_second():
    synth = Synth(1.0)
    assert not synth.render(FS_HZ).any()
    synth.set_tone(tone())
    assert np.abs(synth.render(FS_HZ)).max() > 0.1
    synth.set_tone(None)
    synth.render(FS_HZ // 5)
    assert np.abs(synth.render(FS_HZ // 5)).max() < 1e-3
    synth.render(FS_HZ // 5)
    assert not synth.render(FS_HZ).any()


def test_cues_alone_and_mute():
    quiet, muted = Synth(1.0, tone=False), Synth(1.0)
    muted.muted = True
    for synth in (quiet, muted):
        synth.set_tone(tone())
    assert not quiet.render(FS_HZ).any()
    quiet.play(Sound.REP_DONE)
    muted.play(Sound.REP_DONE)
    assert quiet.render(FS_HZ).any()
    assert not muted.render(FS_HZ).any()
    muted.muted = False
    assert muted.render(FS_HZ).any()


def test_volume():
    loud, soft = (Synth(volume) for volume in (0.8, 0.2))
    for synth in (loud, soft):
        synth.set_tone(tone())
        synth.render(FS_HZ)
    assert np.allclose(loud.render(FS_HZ), 4.0 * soft.render(FS_HZ), atol=1e-6)


def notes_hz(sound: Sound) -> list[int]:
    """Strongest frequency while each tenth of a second sounds, repeats left out."""
    parts = [part for part in np.array_split(motif(sound), len(motif(sound)) // 4800) if np.abs(part).max() > 0.02]
    found = []
    for part in parts:
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), FS_HZ))
        found.append(int(spectrum.argmax()))
    return [hz for hz, _ in itertools.groupby(found, key=lambda hz: round(hz / 12))]


def test_three_rising_notes_for_a_rep():
    for sound in (Sound.REP_DONE, Sound.REP_MET, Sound.REP_MISSED):
        notes = notes_hz(sound)
        assert len(notes) >= 3
        assert notes == sorted(notes)


def test_a_low_double_note_for_a_lost_sensor():
    samples = np.abs(motif(Sound.SENSOR_LOST))
    tenths = [samples[k : k + 480].max() for k in range(0, len(samples), 480)]
    loud = [up for up, _ in itertools.groupby(size > 0.03 for size in tenths)]
    assert loud.count(True) == 2
    spectrum = np.abs(np.fft.rfft(motif(Sound.SENSOR_LOST), FS_HZ))
    assert 120 < spectrum[:200].argmax() < 140


def test_every_sound_is_audible_different_and_ends_where_it_began():
    for sound in Sound:
        samples = motif(sound)
        assert 0.05 < np.abs(samples).max() < KNEE
        assert abs(samples[0]) < 1e-6
        assert abs(samples[-1]) < 1e-6
        assert len(samples) < FS_HZ
    for one, other in itertools.combinations(Sound, 2):
        n = max(len(motif(one)), len(motif(other)))
        a, b = (np.pad(motif(s), (0, n - len(motif(s)))) for s in (one, other))
        assert np.linalg.norm(a - b) > 0.3 * max(np.linalg.norm(a), np.linalg.norm(b)), (one, other)


def wild(block: int, seconds: float = 10.0) -> np.ndarray:
    """Everything changes at once, 25 times a second, with all sounds over each other."""
    synth, rng = Synth(1.0), np.random.default_rng(7)
    sounds, out = list(Sound), []
    for k in range(round(seconds * 25)):
        chosen = tone(
            pitch_hz=float(rng.uniform(165, 1320)),
            chord=bool(rng.integers(2)),
            waver=float(rng.uniform(0, 0.9)),
            pan=float(rng.uniform(-1, 1)),
        )
        synth.set_tone(None if k % 5 == 0 else chosen)
        synth.muted = k % 50 == 49
        synth.play(sounds[k % len(sounds)])
        out.extend(synth.render(block) for _ in range(FS_HZ // 25 // block))
    return np.concatenate(out)


def highest(samples: np.ndarray) -> float:
    """Largest sample of what lies above 10 kHz, where no note has a partial and each click has a part."""
    sos = butter(8, 10_000, "highpass", fs=FS_HZ, output="sos")
    return float(np.abs(sosfilt(sos, samples, axis=0)).max())


def test_no_clicks_and_no_clipping():
    samples = wild(480)
    assert np.abs(samples).max() < 1.0
    assert np.abs(np.diff(samples, axis=0)).max() < BOUND
    assert highest(samples) < CLICK


def test_a_click_of_a_hundredth_would_be_found():
    samples = wild(480, 2.0).astype(float)
    samples[len(samples) // 2 :] += 0.01
    assert highest(samples) > CLICK


def test_the_same_for_any_size_of_the_buffer():
    whole = wild(1920, 2.0)
    for block in (480, 240, 160, 96):
        assert np.array_equal(whole, wild(block, 2.0))


def test_the_limiter_bends_only_what_is_loud():
    samples = np.linspace(-3, 3, 6001)
    bent = limited(samples)
    assert np.abs(bent).max() <= 1.0
    assert np.array_equal(bent[np.abs(samples) <= KNEE], samples[np.abs(samples) <= KNEE])
    assert np.all(np.diff(bent) >= 0.0)


def test_the_same_sound_again_at_once_is_one_sound():
    once, often = Synth(1.0), Synth(1.0)
    once.play(Sound.SENSOR_GOOD)
    for _ in range(6):
        often.play(Sound.SENSOR_GOOD)
    assert np.array_equal(once.render(FS_HZ), often.render(FS_HZ))


def test_a_new_tone_begins_at_its_pitch():
    synth = Synth(1.0)
    synth.set_tone(tone(pitch_hz=880.0))
    first = synth.render(FS_HZ // 10)[:, 0]
    assert 0.95 * 88 < np.sum(np.diff(np.signbit(first[480:]))) / 2 * (4800 / 4320) < 1.05 * 88


def test_render_nothing():
    assert Synth().render(0).shape == (0, 2)
    assert Synth().render(7).dtype == np.float32
