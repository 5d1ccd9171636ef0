"""What really happened at the electrodes: handed out beside the signals, never to the program under test."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_sim.wearer import Script

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Site = tuple[str, str]

GLUTE, BACK = "gluteus_maximus", "erector_spinae"
HAMSTRINGS = ("biceps_femoris", "semitendinosus")


@dataclass(frozen=True)
class SiteTruth:
    """The truth about one electrode; arrays cover the script from time 0 at `rate_hz`.

    Attributes
    ----------
    site : (muscle, side)
        Muscle that the electrode really lies on.
    rate_hz : float
    mvic_uv : float
        Noise-free RMS at full drive, with the day's gain: what 100 % of the true maximum means.
    gain : float
        The day's gain, part of `mvic_uv`; 1 when no day was drawn.
    envelope_uv : ndarray, shape (n,)
        Noise-free envelope of the muscle's own signal, without crosstalk.
    masks : dict of str to ndarray of bool, shape (n,)
        Where each artefact matters, by its name in `firmware_sim.artefacts`.
    onsets_s : dict of int to float
        When the drive of this muscle switched on in each repetition, script time.
    beats_s : ndarray
        R waves, script time; empty where the heart is not seen or is that of the default wearer.
    """

    site: Site
    rate_hz: float
    mvic_uv: float
    gain: float
    envelope_uv: Array
    masks: dict[str, Mask]
    onsets_s: dict[int, float]
    beats_s: Array

    def amplitude(self, from_s: float, to_s: float) -> float:
        """Noise-free RMS of a stretch as a fraction of the true maximum."""
        part = self.envelope_uv[int(np.ceil(from_s * self.rate_hz)) : int(to_s * self.rate_hz)]
        return float(np.sqrt(np.mean(part**2)) / self.mvic_uv)

    def any_mask(self) -> Mask:
        """Where at least one artefact matters, shape (n,)."""
        found = np.zeros(self.envelope_uv.size, np.bool_)
        for mask in self.masks.values():
            found |= mask
        return found


@dataclass(frozen=True, slots=True)
class TrueIndex:
    """Indices of one repetition from noise-free envelopes during the hold, relative to the true maxima.

    `sdi` is ln(sqrt(H E) / G), `share_glute` is G / (G + H + E); H is the geometric mean of the hamstrings present.
    """

    rep: int
    sdi: float
    share_glute: float


def true_indices(
    script: Script, truths: Mapping[Site, SiteTruth], references: Mapping[Site, float] | None = None
) -> tuple[TrueIndex, ...]:
    """Synergist dominance index and glute share of each repetition, from envelopes and not from drives.

    Parameters
    ----------
    script : Script
    truths : mapping of site to SiteTruth
        Glute, hamstring and back of the same sides; sides are averaged.
    references : mapping of site to float, optional
        What 100 % means at a site as a fraction of the true maximum (`reference_amplitude`); 1 when absent. With
        it, the index is what a perfect instrument would read after imperfect reference contractions.
    """
    found = []
    for rep in script.reps:
        level = {
            site: truth.amplitude(rep.top_s, rep.release_s) / (references or {}).get(site, 1.0)
            for site, truth in truths.items()
        }
        glute, back = (_mean([a for (muscle, _), a in level.items() if muscle == name]) for name in (GLUTE, BACK))
        parts = [_mean([a for (muscle, _), a in level.items() if muscle == name]) for name in HAMSTRINGS]
        hamstring = float(np.exp(np.nanmean(np.log(parts))))
        sdi = float(np.log(np.sqrt(hamstring * back) / glute))
        found.append(TrueIndex(rep.index, sdi, glute / (glute + hamstring + back)))
    return tuple(found)


def reference_windows(script: Script, group: str) -> list[tuple[float, float]]:
    """Begin and end of each reference contraction of a group by its marks, script time."""
    starts_s, stops_s = (
        [cue.t_s for cue in script.cues if cue.kind == kind and cue.data.get("group") == group]
        for kind in ("reference_start", "reference_stop")
    )
    return list(zip(starts_s, stops_s, strict=True))


def reference_amplitude(script: Script, truth: SiteTruth, group: str, window_s: float = 0.5) -> float:
    """Largest noise-free RMS over `window_s` in a group's reference contractions, fraction of the true maximum."""
    width = round(window_s * truth.rate_hz)
    largest = 0.0
    for from_s, to_s in reference_windows(script, group):
        square = truth.envelope_uv[int(from_s * truth.rate_hz) : int(to_s * truth.rate_hz)] ** 2
        total = np.concatenate([[0.0], np.cumsum(square)])
        largest = max(largest, float((total[width:] - total[:-width]).max() / width))
    return float(np.sqrt(largest) / truth.mvic_uv)


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
