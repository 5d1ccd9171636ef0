"""The same script as a certain person performs it: effort of their references, level and scatter of their muscles."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from firmware_sim.person import MUSCLES, SIDES, Person, draw_reps
from firmware_sim.truth import reference_windows
from firmware_sim.wearer import DRIVE_HZ, Script, Site

Array = NDArray[np.float64]

GROUP_OF = {
    "gluteus_maximus": "G",
    "gluteus_medius": "D",
    "biceps_femoris": "H",
    "semitendinosus": "H",
    "erector_spinae": "E",
}


def performed_by(person: Person, script: Script, *, seed: int, level_cv: float = 0.5, rep_cv: float = 0.12) -> Script:
    """Let a person perform a script in their own way; timing, marks and movement stay.

    Parameters
    ----------
    person : Person
    script : Script
        Its levels are taken as the mean of healthy people.
    seed : int
        Of this performance: the scatter of its repetitions.
    level_cv : float
        Between-person coefficient of variation of a muscle's level, 0.25 to 0.8 by exercise and muscle; 0 leaves the
        levels of the script.
    rep_cv : float
        Within-set coefficient of variation; AR(1) of 0.3 with a trend; 0 leaves the scatter of the script.

    Returns
    -------
    Script
        With the drives that result, none above 1, and the indices of its repetitions computed from them. Drives in
        a muscle's own reference contractions are scaled so that their middle third reaches the person's effort.
    """
    drive = {site: _drive(person, script, site, seed, level_cv, rep_cv) for site in script.drive}
    reps = []
    for rep in script.reps:
        held = slice(int(np.ceil(rep.top_s * DRIVE_HZ)), int(rep.release_s * DRIVE_HZ))
        glute, hamstring, back = (_group_level(drive, group, held) for group in "GHE")
        share = glute / (glute + hamstring + back)
        reps.append(replace(rep, share_glute=share, sdi=float(np.log(np.sqrt(hamstring * back) / glute))))
    return replace(script, drive=drive, reps=tuple(reps))


def _drive(person: Person, script: Script, site: Site, seed: int, level_cv: float, rep_cv: float) -> Array:
    muscle, side = site
    drive = script.drive[site]
    time_s = np.arange(drive.size) / DRIVE_HZ
    factor = np.ones(drive.size)
    if script.reps:
        level = person.level(muscle, 1.0, level_cv)
        own_seed = (seed * len(MUSCLES) + MUSCLES.index(muscle)) * len(SIDES) + SIDES.index(side)
        scatter = draw_reps(len(script.reps), own_seed, cv=rep_cv) if rep_cv else np.ones(len(script.reps))
        between_s = [(rep.end_s + after.start_s) / 2 for rep, after in pairwise(script.reps)]
        factor = level * scatter[np.searchsorted(between_s, time_s)]
    for from_s, to_s in reference_windows(script, GROUP_OF[muscle]):
        within = (time_s >= from_s) & (time_s < to_s)
        third = (to_s - from_s) / 3
        reached = np.median(drive[(time_s >= from_s + third) & (time_s < to_s - third)])
        factor[within] = person.effort[muscle] / reached
    return np.clip(drive * factor, 0.0, 1.0)


def _group_level(drive: dict[Site, Array], group: str, held: slice) -> float:
    """Mean drive of a group over a hold: muscles by their geometric mean, then sides by their arithmetic one."""
    sides = []
    for side in SIDES:
        levels = [part[held].mean() for (muscle, at), part in drive.items() if at == side and GROUP_OF[muscle] == group]
        if levels:
            sides.append(np.exp(np.mean(np.log(levels))))
    return float(np.mean(sides))
