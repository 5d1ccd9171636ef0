"""The heart as a strap across the chest sees it: the same beats as the electrodes over the back."""

import numpy as np

from firmware_sim import heart
from firmware_sim.body import Body
from firmware_sim.electrode import EMG_GRID_HZ, PLAIN_HEART_BPM, STILL_S
from firmware_sim.physiology import Grid
from firmware_sim.wearer import Script

R_WAVE_UV = 1200.0
NOISE_UV = 4.0


def chest_ecg(script: Script, *, seed: int = 0, body: Body | None = None) -> Grid:
    """ECG across the chest, µV; R waves point up and coincide with those at the muscles.

    Parameters
    ----------
    script : Script
    seed : int
        As of `firmware_sim.physiology.body_signals`.
    body : Body, optional
        The plain wearer when absent. Where its artefacts have no heart, the plain wearer's beats.
    """
    body = body or Body()
    spoils = next((some for some in (body.artefacts, *body.artefacts_at.values()) if some.ecg_uv), body.artefacts)
    size = int(STILL_S * EMG_GRID_HZ) + int(np.ceil(script.duration_s * EMG_GRID_HZ)) + 2
    if spoils.ecg_uv:
        bpm = spoils.heart_rate_bpm or (body.person.heart_rate_bpm if body.person else PLAIN_HEART_BPM)
        time_s = np.arange(size) / EMG_GRID_HZ
        wave = heart.wave(time_s, heart.beats(size / EMG_GRID_HZ, bpm, seed=seed), seed=seed)
        wave *= np.sign(wave[np.argmax(np.abs(wave))])
    else:
        time_s = np.arange(size) / EMG_GRID_HZ - STILL_S
        wave = heart.plain_wave(time_s, np.random.default_rng([seed, 5]))
    noise = np.random.default_rng([seed, 9]).normal(0.0, NOISE_UV, size)
    return Grid((R_WAVE_UV * wave + noise)[:, None], EMG_GRID_HZ)
