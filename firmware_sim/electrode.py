"""One electrode on one wearer: the muscle under it, its neighbours, the skin, and all that spoils the signal."""

import numpy as np
from numpy.typing import NDArray

from firmware_sim import amplifier, artefacts, heart, shaped_noise
from firmware_sim.body import Artefacts, Body
from firmware_sim.emg import BAND_HZ, Source, raw_emg
from firmware_sim.skin import SkinSite, indices, mean_amplitude_uv, skin_of
from firmware_sim.truth import Mask, SiteTruth
from firmware_sim.wearer import DRIVE_HZ, Script, Site

Array = NDArray[np.float64]

EMG_GRID_HZ = 2000.0
STILL_S = 8.0  # length of the loop before and after the script: whole cycles of hum and breath
PLAIN_TIRING = -0.01  # of the median frequency with each repetition, when no person says otherwise
PLAIN_HEART_BPM = 70.0
LEFT_GLUTE_ECG = 0.3
NEIGHBOURS = {
    "gluteus_maximus": ("gluteus_medius", "biceps_femoris"),
    "gluteus_medius": ("gluteus_maximus",),
    "biceps_femoris": ("semitendinosus",),
    "semitendinosus": ("biceps_femoris",),
    "erector_spinae": ("gluteus_maximus",),
}
SEGMENT_THAT_MOVES = "pelvis"
_SET_RAMP_S = 0.2


def electrode_emg(
    script: Script, site: Site, body: Body, seed: int, rng: np.random.Generator
) -> tuple[Array, SiteTruth]:
    """Potential behind the amplifier's hardware band, µV, shape (loop + script,), and the truth about the script.

    `rng` must be fresh, seeded for this site; it gives the shaped noise and what the plain wearer adds to it.
    """
    skin = skin_of(site, body, seed=seed)
    time_s = _grid_s(script)
    signal, envelope_uv = _muscle(script, site, body, skin, seed, rng)
    through, tissue_masks = _through_tissue(script, site, body, signal, seed)
    noise = shaped_noise.band_noise(time_s.size, EMG_GRID_HZ, BAND_HZ, rng)
    through += skin.noise_uv * noise
    through += skin.hum_uv * np.sqrt(2) * np.sin(2 * np.pi * 50.0 * time_s + rng.uniform(0, 2 * np.pi))
    if skin.ecg_uv:
        through += skin.ecg_uv * heart.plain_wave(time_s, np.random.default_rng([seed, 5]))
    through += rng.normal(0.0, 4.0) + 2.0 * np.sin(2 * np.pi * time_s / 40.0 + rng.uniform(0, 2 * np.pi))
    seen, contact_masks, beats_s = _at_contact(script, site, body, through, envelope_uv, seed)
    loop = int(STILL_S * EMG_GRID_HZ)
    truth = SiteTruth(
        site=site,
        rate_hz=EMG_GRID_HZ,
        mvic_uv=skin.mvic_uv,
        gain=(body.day.gain[site] if body.day else 1.0) * body.gain.get(site, 1.0),
        envelope_uv=envelope_uv[loop:],
        masks={name: mask[loop:] for name, mask in (tissue_masks | contact_masks).items()},
        onsets_s={rep: onsets[site] for rep, onsets in script.onsets.items() if site in onsets},
        beats_s=beats_s[beats_s >= STILL_S] - STILL_S,
    )
    return seen, truth


def _grid_s(script: Script) -> Array:
    """Script time of each value of the grid: the loop is before 0."""
    loop = int(STILL_S * EMG_GRID_HZ)
    size = loop + int(np.ceil(script.duration_s * EMG_GRID_HZ)) + 2
    return np.asarray((np.arange(size) - loop) / EMG_GRID_HZ)


def _muscle(
    script: Script, site: Site, body: Body, skin: SkinSite, seed: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Signal of the muscle itself and its noise-free envelope, µV, both of shape (loop + script,)."""
    drive = script.drive_of(site)
    time_s = _grid_s(script)
    if body.generator == "motor_units":
        signal, envelope_uv = _motor_units(script, site, body, skin, seed, time_s.size)
    else:
        knots_s = np.arange(drive.size) / DRIVE_HZ
        activation = np.interp(time_s, knots_s, drive, left=float(drive[0]))
        envelope_uv = mean_amplitude_uv(activation, skin)
        corners_hz = skin.low_hz, skin.high_hz
        if body.tiring:
            mdf_factor = np.interp(time_s, knots_s, _mdf_factor(script, body))
            noise = shaped_noise.tiring_source(activation, EMG_GRID_HZ, corners_hz, mdf_factor, rng)
        else:
            noise = shaped_noise.source(activation, EMG_GRID_HZ, corners_hz, rng)
        signal = envelope_uv * noise
    factor = _amplitude_factor(script, site, body, time_s)
    return signal * factor, envelope_uv * factor


def _amplitude_factor(script: Script, site: Site, body: Body, time_s: Array) -> Array:
    """Factor on the amplitude at equal drive: the muscle's length, and what changes for the time of a set."""
    factor = np.ones_like(time_s)
    in_set = body.set_factor * body.set_gain.get(site, 1.0)
    if in_set != 1.0:
        factor += (in_set - 1.0) * _in_set(script, time_s)
    angle_deg = script.angle_deg.get(SEGMENT_THAT_MOVES)
    if body.person is not None and angle_deg is not None and angle_deg.any():
        moved = np.interp(time_s, np.arange(angle_deg.size) / DRIVE_HZ, angle_deg / np.abs(angle_deg).max(), left=0.0)
        factor *= 1.0 + body.person.length_effect[site[0]] * moved
    return factor


def _motor_units(script: Script, site: Site, body: Body, skin: SkinSite, seed: int, size: int) -> tuple[Array, Array]:
    """Signal and envelope of a pool that belongs to the person, of shape (size,), loop first."""
    drive = script.drive_of(site)
    still = np.full(int(STILL_S * DRIVE_HZ), drive[0])
    person = seed if body.person is None else body.person.seed
    made = raw_emg(
        np.concatenate([still, drive, drive[-1:]]),
        DRIVE_HZ,
        EMG_GRID_HZ,
        generator="motor_units",
        source=Source(skin.mvic_uv, mdf_factor=body.day.mdf_factor[site] if body.day else 1.0),
        seed=(seed, *indices(site)),
        pool_seed=(person, *indices(site)),
        tiring=np.concatenate([np.ones(still.size), _mdf_factor(script, body), [1.0]]) if body.tiring else None,
    )
    return made.samples_uv[:size], made.envelope_uv[:size]


def _mdf_factor(script: Script, body: Body) -> Array:
    """Factor on all frequencies at `DRIVE_HZ`: falls from repetition to repetition and stays down."""
    change = PLAIN_TIRING if body.person is None else body.person.fatigue_per_rep
    starts_s = [rep.start_s for rep in script.reps]
    time_s = np.arange(next(iter(script.drive.values())).size) / DRIVE_HZ
    done = np.interp(time_s, starts_s, np.arange(len(starts_s))) if starts_s else np.zeros(time_s.size)
    return np.asarray((1.0 + change) ** done)


def _in_set(script: Script, time_s: Array) -> Array:
    """1 while the marks say that a set is on, 0 elsewhere, with short ramps."""
    found = np.zeros_like(time_s)
    starts_s = [cue.t_s for cue in script.cues if cue.kind == "set_start"]
    stops_s = [cue.t_s for cue in script.cues if cue.kind == "set_stop"]
    for start_s, stop_s in zip(starts_s, stops_s, strict=True):
        found += np.interp(time_s, [start_s, start_s + _SET_RAMP_S, stop_s, stop_s + _SET_RAMP_S], [0.0, 1.0, 1.0, 0.0])
    return found


def _through_tissue(script: Script, site: Site, body: Body, own_uv: Array, seed: int) -> tuple[Array, dict[str, Mask]]:
    """Signal at the skin, with masks: the neighbours' part added, the sweat's gain applied."""
    spoils = body.artefacts_of(site)
    masks: dict[str, Mask] = {}
    signal = own_uv
    present = [(muscle, site[1]) for muscle in NEIGHBOURS[site[0]] if (muscle, site[1]) in script.drive]
    for neighbour in present if spoils.crosstalk else []:
        rng = np.random.default_rng([seed, 2, *indices(neighbour)])
        other_uv, _ = _muscle(script, neighbour, body, skin_of(neighbour, body, seed=seed), seed, rng)
        signal, mask, _ = artefacts.crosstalk(
            signal, EMG_GRID_HZ, neighbour_uv=other_uv, share=spoils.crosstalk, delay_s=spoils.crosstalk_delay_s
        )
        masks["crosstalk"] = masks.get("crosstalk", False) | mask
    if spoils.sweat_loss:
        signal, masks["sweat"], _ = artefacts.sweat(signal, EMG_GRID_HZ, loss=spoils.sweat_loss)
    return signal, masks


def _at_contact(
    script: Script, site: Site, body: Body, signal: Array, envelope_uv: Array, seed: int
) -> tuple[Array, dict[str, Mask], Array]:
    """Add what electrode and surroundings do; with masks, and the heart's beats in seconds of the grid.

    Additive artefacts pass the amplifier's band like the muscle does; noise arises behind it.
    """
    spoils = body.artefacts_of(site)
    here = int(np.random.default_rng([seed, 8, *indices(site)]).integers(1 << 31))
    movement = _movement(script)
    masks: dict[str, Mask] = {}
    beats_s = np.empty(0)
    added = np.zeros_like(signal)
    r_uv = _r_wave_uv(site, spoils)
    if r_uv:
        bpm = spoils.heart_rate_bpm or (body.person.heart_rate_bpm if body.person else PLAIN_HEART_BPM)
        added, masks["ecg"], beats_s = artefacts.ecg(
            added, EMG_GRID_HZ, r_uv=r_uv, heart_rate_bpm=bpm, seed=here, beat_seed=seed
        )
    if spoils.mains_uv:
        hum = {"amplitude_uv": spoils.mains_uv, "nominal_hz": spoils.mains_hz, "wander_hz": spoils.mains_wander_hz}
        added, masks["mains"], _ = artefacts.mains(added, EMG_GRID_HZ, **hum, movement=movement, seed=here)
    if spoils.motion_ratio:
        rms_uv = spoils.motion_ratio * _mean_in_reps(script, envelope_uv)
        added, masks["motion"], _ = artefacts.motion(added, EMG_GRID_HZ, movement=movement, rms_uv=rms_uv, seed=here)
    if masks:
        signal = signal + _behind_band(added)
    if spoils.pops_s:
        at_s = [STILL_S + pop_s for pop_s in spoils.pops_s]
        popped = _behind_band(artefacts.pops(np.zeros_like(signal), EMG_GRID_HZ, at_s=at_s, seed=here).samples_uv)
        masks["pops"] = np.abs(popped) > artefacts.NOTICEABLE_UV
        signal = signal + popped
    if spoils.noise_uv:
        rms_uv = spoils.noise_uv * body.noise_factor
        signal, masks["baseline_noise"], _ = artefacts.baseline_noise(signal, EMG_GRID_HZ, rms_uv=rms_uv, seed=here)
    if spoils.lifted_s:
        windows_s = [(STILL_S + from_s, STILL_S + to_s) for from_s, to_s in spoils.lifted_s]
        signal, masks["lift_off"], _ = artefacts.lift_off(
            signal, EMG_GRID_HZ, windows_s=windows_s, nominal_hz=spoils.mains_hz, seed=here
        )
    return signal, masks, beats_s


def _behind_band(part_uv: Array) -> Array:
    return amplifier.filtered(part_uv, EMG_GRID_HZ, amplifier.band_pass(*BAND_HZ))


def _r_wave_uv(site: Site, spoils: Artefacts) -> float:
    """Height of the R wave at a site: the back sees the heart, the left glutes a little of it."""
    if site[0] == "erector_spinae":
        return spoils.ecg_uv
    return LEFT_GLUTE_ECG * spoils.ecg_uv if site[0].startswith("gluteus") and site[1] == "left" else 0.0


def _movement(script: Script) -> Array:
    """How strongly the pelvis is accelerated, 0 to 1 of its strongest, shape (loop + script,)."""
    angle_deg = script.angle_deg.get(SEGMENT_THAT_MOVES, np.zeros(2))
    rate = np.abs(np.gradient(np.gradient(angle_deg)))
    width = round(0.1 * DRIVE_HZ)
    smooth = np.convolve(rate, np.full(width, 1.0 / width), "same")
    strongest = smooth.max()
    level = smooth / strongest if strongest else smooth
    return np.interp(_grid_s(script), np.arange(level.size) / DRIVE_HZ, level, left=0.0)


def _mean_in_reps(script: Script, envelope_uv: Array) -> float:
    """RMS of the envelope over all repetitions, or over everything when there are none."""
    time_s = _grid_s(script)
    inside = np.zeros(time_s.size, np.bool_)
    for rep in script.reps:
        inside |= (time_s >= rep.start_s) & (time_s < rep.end_s)
    return float(np.sqrt(np.mean(envelope_uv[inside if inside.any() else slice(None)] ** 2)))
