"""Constants of an electrode's place: how large the muscle looks there, its spectrum, noise, hum and heart."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware_sim.body import Body
from firmware_sim.person import MUSCLES, MVIC_UV, SIDES

Array = NDArray[np.float64]
Site = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SkinSite:
    """What person, electrode and amplifier make of an activation at one site.

    `mvic_uv` is the RMS amplitude at full activation, `exponent` the b of amplitude ~ drive^b, `low_hz` and
    `high_hz` the shape of the spectrum, `ecg_uv` the height of the R wave (0 where none is seen).
    """

    mvic_uv: float
    exponent: float
    low_hz: float
    high_hz: float
    noise_uv: float
    hum_uv: float
    ecg_uv: float


def indices(site: Site) -> tuple[int, int]:
    """Numbers of muscle and side, for seeds."""
    return MUSCLES.index(site[0]), SIDES.index(site[1])


def skin_site(site: Site, *, seed: int) -> SkinSite:
    """Draw the constants of a site of the plain wearer; left and right differ by about 10 % in gain."""
    muscle = site[0]
    person = np.random.default_rng([seed, 3, indices(site)[0]])
    low_uv, high_uv = MVIC_UV[muscle]
    mvic_uv = float(np.exp(person.uniform(np.log(low_uv), np.log(high_uv))))
    exponent = float(person.uniform(0.92, 1.05))
    here = np.random.default_rng([seed, 4, *indices(site)])
    return SkinSite(
        mvic_uv=float(np.clip(mvic_uv * here.lognormal(0.0, 0.1), low_uv, high_uv)),
        exponent=exponent,
        low_hz=float(here.uniform(45.0, 60.0)),
        high_hz=float(here.uniform(100.0, 140.0)),
        noise_uv=float(here.uniform(1.5, 3.0)),
        hum_uv=float(here.uniform(0.0, 3.0)),
        ecg_uv=float(here.uniform(15.0, 30.0)) if muscle == "erector_spinae" else 0.0,
    )


def skin_of(site: Site, body: Body, *, seed: int) -> SkinSite:
    """Constants of a site of any wearer: the plain ones, replaced by those of person, day and artefacts."""
    skin = skin_site(site, seed=seed)
    muscle = site[0]
    if body.person is not None:
        skin = replace(
            skin,
            mvic_uv=body.person.mvic_uv[muscle],
            exponent=body.person.exponent[muscle],
            low_hz=body.person.low_hz[muscle],
            high_hz=body.person.high_hz[muscle],
        )
    if body.day is not None:
        factor = body.day.mdf_factor[site]
        skin = replace(
            skin,
            mvic_uv=skin.mvic_uv * body.day.gain[site],
            low_hz=skin.low_hz * factor,
            high_hz=skin.high_hz * factor,
            noise_uv=body.day.noise_uv[site],
        )
    spoils = body.artefacts_of(site)
    return replace(
        skin,
        mvic_uv=skin.mvic_uv * body.gain.get(site, 1.0),
        noise_uv=0.0 if spoils.noise_uv else skin.noise_uv * body.noise_factor,
        hum_uv=0.0 if spoils.mains_uv else skin.hum_uv,
        ecg_uv=0.0 if spoils.ecg_uv else skin.ecg_uv,
    )


def mean_amplitude_uv(drive: Array, skin: SkinSite) -> Array:
    """Noise-free envelope of shaped noise: the expected RMS of the muscle's own signal, µV, for a drive of 0 to 1."""
    return np.asarray(skin.mvic_uv * drive**skin.exponent)
