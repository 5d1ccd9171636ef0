"""A wearer's layers do what they say, one at a time, and the truth beside the signal is the truth."""

from dataclasses import replace

import numpy as np
import pytest

from firmware_sim import body, bridges
from firmware_sim.body import Artefacts, Body, draw_artefacts, draw_body
from firmware_sim.electrode import STILL_S
from firmware_sim.emg import GENERATORS
from firmware_sim.physiology import body_signals
from firmware_sim.skin import mean_amplitude_uv, skin_site
from firmware_sim.truth import reference_amplitude, true_indices
from firmware_sim.wearer import DRIVE_HZ, MUSCLES, SIDES

SITES = [(muscle, side) for muscle in MUSCLES for side in SIDES]
GLUTE, HAMSTRING, BACK = ("gluteus_maximus", "left"), ("biceps_femoris", "left"), ("erector_spinae", "left")
SEED = 1


@pytest.fixture(scope="module")
def script():
    return bridges(2, seed=SEED)


@pytest.fixture(scope="module")
def plain(script):
    return worn(script)


def worn(script, wearer=None, sites=SITES):
    return {site: body_signals(script, site, seed=SEED, body=wearer) for site in sites}


def indices_of(script, wearer, references=None):
    truths = {site: signals.truth for site, signals in worn(script, wearer).items()}
    return np.array([index.sdi for index in true_indices(script, truths, references)])


def emg_of(signals):
    """The script's part of the signal."""
    return signals.emg_uv.values[int(STILL_S * signals.emg_uv.rate_hz) :, 0]


def held(script, signals):
    """RMS of signal and of envelope over the holds."""
    rate_hz = signals.truth.rate_hz
    parts = [slice(int(rep.top_s * rate_hz), int(rep.release_s * rate_hz)) for rep in script.reps]
    signal = np.concatenate([emg_of(signals)[part] for part in parts])
    envelope = np.concatenate([signals.truth.envelope_uv[part] for part in parts])
    return signal.std(), np.sqrt(np.mean(envelope**2))


def test_the_plain_wearer_is_the_default(script):
    plain, default = body_signals(script, GLUTE, seed=SEED, body=Body()), body_signals(script, GLUTE, seed=SEED)
    assert np.array_equal(plain.emg_uv.values, default.emg_uv.values)
    assert np.array_equal(plain.imu.values, default.imu.values)
    assert plain.truth.masks == {}
    assert plain.truth.gain == 1.0


def test_truth_of_the_plain_wearer_is_its_formula(script):
    truth = body_signals(script, HAMSTRING, seed=SEED).truth
    skin = skin_site(HAMSTRING, seed=SEED)
    assert truth.mvic_uv == skin.mvic_uv
    expected = mean_amplitude_uv(script.drive[HAMSTRING], skin)
    assert truth.envelope_uv[:: int(truth.rate_hz / DRIVE_HZ)][: expected.size] == pytest.approx(expected, rel=1e-6)
    assert truth.onsets_s == {rep: onsets[HAMSTRING] for rep, onsets in script.onsets.items()}


@pytest.mark.parametrize("generator", GENERATORS)
def test_signal_has_the_amplitude_of_its_truth(script, generator):
    for site, signals in worn(script, Body(generator=generator)).items():
        measured, expected = held(script, signals)
        assert measured == pytest.approx(expected, rel=0.1), site


@pytest.mark.parametrize("generator", GENERATORS)
def test_onset_of_the_drive_is_onset_of_the_signal(script, generator):
    """Within 40 ms: a pool is silent until its first threshold is passed."""
    for signals in worn(script, Body(generator=generator), [GLUTE, HAMSTRING]).values():
        truth = signals.truth
        for onset_s in truth.onsets_s.values():
            begin = int(onset_s * truth.rate_hz)
            level = truth.envelope_uv[begin - 200 : begin + 400] / truth.mvic_uv
            assert level[:200].max() < 0.03
            assert np.argmax(level > 0.05) / truth.rate_hz - 0.1 == pytest.approx(0.02, abs=0.04)


def test_true_index_of_envelopes_agrees_with_that_of_drives_when_the_law_is_linear(script, plain):
    truths = {site: signals.truth for site, signals in plain.items()}
    straight = {
        site: replace(
            truth,
            envelope_uv=truth.mvic_uv
            * np.interp(
                np.arange(truth.envelope_uv.size) / truth.rate_hz,
                np.arange(script.drive[site].size) / DRIVE_HZ,
                script.drive[site],
            ),
        )
        for site, truth in truths.items()
    }
    for index, rep in zip(true_indices(script, straight), script.reps, strict=True):
        assert index.sdi == pytest.approx(rep.sdi, abs=0.01)
        assert index.share_glute == pytest.approx(rep.share_glute, abs=0.005)


def test_index_after_imperfect_references_moves_all_repetitions_alike(script, plain):
    truths = {site: signals.truth for site, signals in plain.items()}
    group = {"gluteus_maximus": "G", "biceps_femoris": "H", "erector_spinae": "E"}
    references = {site: reference_amplitude(script, truth, group[site[0]]) for site, truth in truths.items()}
    assert all(0.85 < reference < 1.06 for reference in references.values())
    shift = indices_of(script, Body(), references) - indices_of(script, Body())
    assert np.ptp(shift) < 0.01
    assert 0.001 < abs(shift.mean()) < 0.1


def test_a_drawn_wearer_has_person_and_day(script):
    wearer = draw_body(5, day=2)
    truth = body_signals(script, GLUTE, seed=SEED, body=wearer).truth
    assert truth.mvic_uv == pytest.approx(wearer.person.mvic_uv[GLUTE[0]] * wearer.day.gain[GLUTE])
    assert truth.gain == wearer.day.gain[GLUTE]
    assert draw_body(5, day=2) == wearer != draw_body(5, day=3)


def test_a_person_keeps_their_motor_units_on_another_day(script):
    first, second = (body_signals(script, GLUTE, seed=seed, body=draw_body(5, day=seed)).truth for seed in (1, 2))
    assert first.gain != second.gain
    relative = [truth.envelope_uv / truth.mvic_uv for truth in (first, second)]
    active = relative[0] > 0.1
    assert relative[0][active] == pytest.approx(relative[1][active], abs=0.06)


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_shortening_muscle_changes_its_amplitude_during_the_movement_only(script, generator):
    person = draw_body(5).person
    straight, bent = (
        body_signals(
            script,
            GLUTE,
            seed=SEED,
            body=Body(generator=generator, person=replace(person, length_effect={GLUTE[0]: effect})),
        )
        for effect in (0.0, -0.15)
    )
    ratio = bent.truth.envelope_uv[2:-2] / np.maximum(straight.truth.envelope_uv[2:-2], 1e-9)
    rep = script.reps[0]
    held_part = slice(int(rep.top_s * 2000), int(rep.release_s * 2000))
    assert ratio[held_part] == pytest.approx(np.full(held_part.stop - held_part.start, 0.86), abs=0.02)
    assert ratio[int(5.5 * 2000) : int(6.5 * 2000)] == pytest.approx(np.ones(2000), abs=0.02)


def test_tiring_lowers_the_spectrum_and_not_the_amplitude():
    script = bridges(10, seed=2, takeover=False, hold_s=(2.0, 2.5))
    wearer = Body(tiring=True, person=replace(draw_body(5).person, fatigue_per_rep=-0.02))
    for generator in GENERATORS:
        signals = body_signals(script, HAMSTRING, seed=2, body=replace(wearer, generator=generator))
        medians = []
        for reps in (script.reps[:4], script.reps[-4:]):
            powers = []
            for rep in reps:
                part = emg_of(signals)[int(rep.top_s * 2000) : int(rep.release_s * 2000)]
                powers.append(
                    np.interp(np.arange(500), np.fft.rfftfreq(part.size, 1 / 2000), np.abs(np.fft.rfft(part)) ** 2)
                )
            total = np.cumsum(np.sum(powers, axis=0))
            medians.append(np.searchsorted(total, total[-1] / 2))
        assert medians[1] / medians[0] == pytest.approx(0.98**6, abs=0.06)
        measured, expected = held(script, signals)
        assert measured == pytest.approx(expected, rel=0.06)


ONE_EACH = {
    "mains": Artefacts(mains_uv=25.0),
    "ecg": Artefacts(ecg_uv=80.0),
    "motion": Artefacts(motion_ratio=3.0),
    "pops": Artefacts(pops_s=(6.0, 20.0)),
    "lift_off": Artefacts(lifted_s=((8.0, 9.5),)),
    "sweat": Artefacts(sweat_loss=0.3),
    "baseline_noise": Artefacts(noise_uv=6.0),
    "crosstalk": Artefacts(crosstalk=0.25),
}


@pytest.mark.parametrize("kind", ONE_EACH)
def test_an_artefact_is_masked_by_its_name_and_alone(script, plain, kind):
    spoilt = body_signals(script, BACK, seed=SEED, body=Body(artefacts=ONE_EACH[kind]))
    assert list(spoilt.truth.masks) == [kind]
    mask = spoilt.truth.masks[kind]
    assert mask.shape == spoilt.truth.envelope_uv.shape == emg_of(spoilt).shape
    assert not np.array_equal(emg_of(spoilt), emg_of(plain[BACK]))
    assert np.array_equal(spoilt.truth.envelope_uv, plain[BACK].truth.envelope_uv)
    if kind in {"pops", "lift_off"}:
        assert np.abs(emg_of(spoilt) - emg_of(plain[BACK]))[~mask].max() <= 5.0
        assert mask[int(8.5 * 2000) if kind == "lift_off" else int(6.01 * 2000)]
        assert not mask[: 6 * 2000].any()


def test_an_artefact_can_be_at_one_electrode_only(script):
    wearer = Body(artefacts_at={GLUTE: Artefacts(mains_uv=20.0)})
    signals = worn(script, wearer, [GLUTE, HAMSTRING])
    assert signals[GLUTE].truth.any_mask().all()
    assert not signals[HAMSTRING].truth.any_mask().any()


def test_both_backs_feel_one_heart(script):
    wearer = Body(artefacts=Artefacts(ecg_uv=100.0))
    left, right = worn(script, wearer, [BACK, ("erector_spinae", "right")]).values()
    assert np.array_equal(left.truth.beats_s, right.truth.beats_s)
    assert 60.0 / np.diff(left.truth.beats_s).mean() == pytest.approx(70.0, rel=0.05)
    assert "ecg" not in body_signals(script, HAMSTRING, seed=SEED, body=wearer).truth.masks


def test_all_artefacts_together_stay_finite(script):
    wearer = draw_body(3, artefacts=draw_artefacts(3, script.duration_s))
    for signals in worn(script, wearer).values():
        assert np.isfinite(signals.emg_uv.values).all()
        assert {"mains", "baseline_noise", "motion", "lift_off", "sweat"} <= set(signals.truth.masks)


def test_control_gain_only_scales_one_electrode_and_no_index(script, plain):
    moved = body.gain_only(Body(), GLUTE, 1.7)
    signals = worn(script, moved)
    assert held(script, signals[GLUTE])[1] == pytest.approx(1.7 * held(script, plain[GLUTE])[1])
    assert np.array_equal(emg_of(signals[HAMSTRING]), emg_of(plain[HAMSTRING]))
    assert indices_of(script, moved) == pytest.approx(indices_of(script, Body()))


def test_control_noise_only_makes_rest_noisier_and_changes_no_index(script):
    noisy = body.noise_only(Body(), 3.0)
    rest = slice(2000, 8000)
    quiet_uv, loud_uv = (emg_of(body_signals(script, GLUTE, seed=SEED, body=w))[rest].std() for w in (Body(), noisy))
    assert loud_uv > 1.8 * quiet_uv
    assert indices_of(script, noisy) == pytest.approx(indices_of(script, Body()))


@pytest.mark.parametrize("generator", GENERATORS)
def test_control_all_doubled_doubles_the_set_and_not_the_references(script, generator):
    once, twice = Body(generator=generator), body.all_doubled(Body(generator=generator))
    single, double = (worn(script, wearer, [GLUTE])[GLUTE].truth for wearer in (once, twice))
    rep = script.reps[0]
    assert double.amplitude(rep.top_s, rep.release_s) == pytest.approx(2 * single.amplitude(rep.top_s, rep.release_s))
    assert reference_amplitude(script, double, "G") == reference_amplitude(script, single, "G")
    assert indices_of(script, twice) == pytest.approx(indices_of(script, once))


def test_control_swapped_exchanges_what_two_sensors_see(script, plain):
    signals = worn(script, body.swapped(Body(), GLUTE, HAMSTRING), [GLUTE, HAMSTRING])
    assert np.array_equal(signals[GLUTE].emg_uv.values, plain[HAMSTRING].emg_uv.values)
    assert np.array_equal(signals[GLUTE].imu.values, plain[HAMSTRING].imu.values)
    assert signals[GLUTE].truth.site == HAMSTRING


def test_control_no_dysfunction_has_no_trend():
    script = body.no_dysfunction(12, seed=4)
    sdi = np.array([rep.sdi for rep in script.reps])
    assert abs(sdi[6:].mean() - sdi[:6].mean()) < 0.1
