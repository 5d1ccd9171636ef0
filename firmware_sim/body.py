"""How one simulated wearer is put together: source of the EMG, person, day, artefacts, and what a control changes.

`Body()` is the plain wearer whom the shipped recordings show. Each layer beyond it is off until it is given, and
each has its own seed, so that one can be changed while all others stay the same, sample by sample.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from firmware_sim import wearer
from firmware_sim.artefacts import MAINS_WANDER_HZ
from firmware_sim.emg import Generator
from firmware_sim.inertial import Straps
from firmware_sim.person import Day, Person, draw_day, draw_person

Site = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Artefacts:
    """What spoils the signal of an electrode; nothing does by default.

    Attributes
    ----------
    mains_uv : float
        Peak of the hum's fundamental, 0 to 30, in place of the plain wearer's hum.
    mains_hz, mains_wander_hz : float
        50 or 60; and how fast that wanders, `firmware_sim.artefacts.mains`.
    ecg_uv : float
        Height of the R wave in the erectors, 5 to 100 (0.3 of it in the left glutes), in place of the plain heart.
    heart_rate_bpm : float
        60 to 150; that of the person when 0 and a person is given.
    motion_ratio : float
        RMS of movement artefacts at the quickest moment, as a multiple of the mean EMG in the repetitions: 0.2 to 5.
    pops_s : tuple of float
        Script times at which an electrode pops.
    lifted_s : tuple of (float, float)
        Script times without contact.
    sweat_loss : float
        Share of gain lost in the first 20 min, 0.1 to 0.3.
    noise_uv : float
        RMS of noise, white with 1/f, in place of the plain wearer's.
    crosstalk : float
        Amplitude that comes over from each neighbour on the same side, 0 to 0.25.
    crosstalk_delay_s : float
        0 to 0.003.
    """

    mains_uv: float = 0.0
    mains_hz: float = 50.0
    mains_wander_hz: float = MAINS_WANDER_HZ
    ecg_uv: float = 0.0
    heart_rate_bpm: float = 0.0
    motion_ratio: float = 0.0
    pops_s: tuple[float, ...] = ()
    lifted_s: tuple[tuple[float, float], ...] = ()
    sweat_loss: float = 0.0
    noise_uv: float = 0.0
    crosstalk: float = 0.0
    crosstalk_delay_s: float = 0.001


@dataclass(frozen=True)
class Body:
    """One wearer on one day.

    Attributes
    ----------
    generator : str
        ``shaped_noise`` or ``motor_units``.
    person, day : Person, Day, optional
        The plain wearer's constants, drawn from the seed of `body_signals`, when absent.
    artefacts : Artefacts
        Of every electrode but those in `artefacts_at`.
    artefacts_at : mapping of site to Artefacts
    tiring : bool
        The spectrum falls with each repetition, by the person's share (1 % when no person is given).
    gain : mapping of site to float
        Extra factor on a site's muscle signal: an electrode that was moved.
    noise_factor : float
        Factor on the baseline noise of all electrodes.
    set_factor : float
        Factor on the amplitude of all muscles from the mark `set_start` to `set_stop`.
    set_gain : mapping of site to float
        The same from the mark `set_start` to `set_stop` at one electrode: one that slipped after the references.
    worn_at : mapping of site to site
        Where a sensor really is, when that is not where its label says.
    straps : Straps
        How motion sensors are fastened and how good they are, in scripts that have `Script.motion`.
    """

    generator: Generator = "shaped_noise"
    person: Person | None = None
    day: Day | None = None
    artefacts: Artefacts = Artefacts()
    artefacts_at: Mapping[Site, Artefacts] = field(default_factory=dict)
    tiring: bool = False
    gain: Mapping[Site, float] = field(default_factory=dict)
    noise_factor: float = 1.0
    set_factor: float = 1.0
    set_gain: Mapping[Site, float] = field(default_factory=dict)
    worn_at: Mapping[Site, Site] = field(default_factory=dict)
    straps: Straps = field(default_factory=Straps)

    def artefacts_of(self, site: Site) -> Artefacts:
        """Artefacts of one electrode."""
        return self.artefacts_at.get(site, self.artefacts)


def draw_body(
    seed: int, *, day: int = 0, generator: Generator = "motor_units", artefacts: Artefacts | None = None
) -> Body:
    """Draw a person and a day of theirs with all layers on; same `seed`, same person."""
    person = draw_person(seed)
    return Body(
        generator=generator,
        person=person,
        day=draw_day(person, day),
        artefacts=artefacts or Artefacts(),
        tiring=True,
    )


def draw_artefacts(seed: int, duration_s: float) -> Artefacts:
    """Draw every kind of artefact within its whole range; one lift-off of 1 to 3 s and up to three pops."""
    rng = np.random.default_rng([seed, 35])
    lifted_s = float(rng.uniform(0.0, duration_s))
    return Artefacts(
        mains_uv=float(rng.uniform(0.0, 30.0)),
        mains_hz=float(rng.choice([50.0, 60.0])),
        ecg_uv=float(np.exp(rng.uniform(np.log(5.0), np.log(100.0)))),
        heart_rate_bpm=float(rng.uniform(60.0, 150.0)),
        motion_ratio=float(np.exp(rng.uniform(np.log(0.2), np.log(5.0)))),
        pops_s=tuple(float(at_s) for at_s in np.sort(rng.uniform(0.0, duration_s, rng.integers(0, 4)))),
        lifted_s=((lifted_s, lifted_s + float(rng.uniform(1.0, 3.0))),),
        sweat_loss=float(rng.uniform(0.1, 0.3)),
        noise_uv=float(np.exp(rng.uniform(np.log(1.0), np.log(8.0)))),
        crosstalk=float(rng.uniform(0.0, 0.25)),
        crosstalk_delay_s=float(rng.uniform(0.0, 0.003)),
    )


def gain_only(body: Body, site: Site, factor: float) -> Body:
    """Control: one electrode shows more or less. After new references the index must not change."""
    return replace(body, gain={**body.gain, site: body.gain.get(site, 1.0) * factor})


def noise_only(body: Body, factor: float) -> Body:
    """Control: all electrodes are noisier, the muscles work as before. The index must not change."""
    return replace(body, noise_factor=body.noise_factor * factor)


def all_doubled(body: Body, factor: float = 2.0) -> Body:
    """Control: every muscle's amplitude in the set is doubled, references stay. The index must not change."""
    return replace(body, set_factor=body.set_factor * factor)


def swapped(body: Body, first: Site, second: Site) -> Body:
    """Control: two sensors wear each other's label. It must be noticed."""
    return replace(body, worn_at={**body.worn_at, first: second, second: first})


def no_dysfunction(reps: int, *, seed: int) -> wearer.Script:
    """Control: a set in which nobody takes over. Nothing may be found in it."""
    return wearer.bridges(reps, seed=seed, takeover=False)
