"""What the ring shows: the shares of the groups, the change from the person's own first set, or the time left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, exp, isfinite, log, nan

from emgmon.exercise.cues import CueSettings
from emgmon.live.moments import at_work, change, concealed, lost_labels, missing_group, timed
from emgmon.live.state import TrainState
from emgmon.live.strings import words
from emgmon.model import GROUP_TITLES, GROUPS, Frame

NOTHING = "–"
FULL_LN = log(3.0)
"""Change of the index at which the needle stands at the end of the ring."""
BAND_LN = CueSettings().dead_band_ln
"""A smaller change is noise of the window: the needle stays in the middle."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The ring and what stands in it.

    Attributes
    ----------
    label, number, unit, note : str
        Above the number, the number, behind it, and below it.
    share : tuple of float
        Of G, H, E, 0 to 1, or nothing.
    dim : bool
        It is not of this moment.
    mark, last : float or None
        Target and last rep, as shares of the ring.
    needle : float or None
        In place of shares: −1 to 1 from the middle, to the right is more of the glutes.
    group : str
        Whose colour the needle bears.
    band : float
        Half the width of the zone in the middle within which nothing changed, as `needle`.
    """

    label: str
    number: str
    share: tuple[float, ...]
    dim: bool
    mark: float | None
    last: float | None
    unit: str = ""
    note: str = ""
    needle: float | None = None
    group: str = ""
    band: float = 0.0


def ring(state: TrainState) -> Ring:
    """Say what the ring shows; a share of almost nothing is never shown."""
    if timed(state):
        return _time(state)
    if state.in_set and state.frame is not None and (not state.frame.referenced or state.frame.kind == "T2"):
        return _relative(state, state.frame)
    return _shares(state)


def _shares(state: TrainState) -> Ring:
    frame, last = state.frame, state.last_share()
    mark, ghost = state.mark(), last.get("G")
    if frame is not None and frame.share and at_work(state) and not concealed(state):
        number, shares = _percent(frame.share["G"]), _triple(frame.share)
        return Ring(words("ring.share"), number, shares, dim=False, mark=mark, last=ghost, unit="%")
    note = _why_nothing(state)
    if last:
        number, shares = _percent(last["G"]), _triple(last)
        return Ring(words("ring.last"), number, shares, dim=True, mark=mark, last=ghost, unit="%", note=note)
    missing = missing_group(state)
    label = words("ring.not_worn", group=GROUP_TITLES[missing].upper()) if missing else words("ring.share")
    return Ring(label, NOTHING, (), dim=True, mark=mark, last=None, note=note)


def _why_nothing(state: TrainState) -> str:
    """Say why a running rep has no share of this moment; empty when it has, or none was to be expected."""
    if not state.in_set or not at_work(state):
        return ""
    if concealed(state):
        return words("ring.concealed")
    if lost := lost_labels(state):
        return words("ring.lost", sensors=", ".join(lost[:3]))
    return "" if missing_group(state) else words("ring.little")


def _relative(state: TrainState, frame: Frame) -> Ring:
    """Say how far the glutes are from what the person is measured by, where muscles cannot be compared."""
    note = words("ring.light_reference" if frame.referenced else "ring.no_reference")
    running = at_work(state) and not concealed(state)
    now_ln = change(state) if running else nan
    if isfinite(now_ln):
        label = words("ring.relative_set" if state.earlier else "ring.relative")
        return _needle(label, now_ln, frame.leader, note, dim=False)
    done = [rep for rep in state.reps if isfinite(rep.sdi)]
    first = state.first_sdi()
    if done and isfinite(first):
        missed = "H" if done[-1].target == "missed" else "G"
        return _needle(words("ring.last"), done[-1].sdi - first, missed, note, dim=True)
    waits = not isfinite(first) and not missing_group(state)
    return Ring(words("ring.first" if waits else "ring.relative"), NOTHING, (), True, None, None, note=note)


def _needle(label: str, change_ln: float, group: str, note: str, *, dim: bool) -> Ring:
    place, band = max(-1.0, min(1.0, -change_ln / FULL_LN)), BAND_LN / FULL_LN
    if abs(change_ln) <= BAND_LN:
        return Ring(label, words("ring.same"), (), dim, None, None, note=note, needle=0.0, group="G", band=band)
    number = f"{100.0 * (exp(-change_ln) - 1.0):+.0f}".replace("-", "−")
    return Ring(label, number, (), dim, None, None, "%", note, place, group or "G", band)


def _time(state: TrainState) -> Ring:
    """Say how long yet, in a set by the clock; the mark is the shortest time wanted."""
    least_s, most_s = state.hold_target_s or (0.0, 0.0)
    held_s = state.frame.hold_s if state.frame is not None and isfinite(state.frame.hold_s) else 0.0
    done = min(1.0, held_s / most_s) if most_s else 0.0
    label, number = (words("ring.time_left"), ceil(most_s - held_s)) if most_s else (words("hold.time"), int(held_s))
    mark = least_s / most_s if 0.0 < least_s < most_s else None
    return Ring(label, str(max(0, number)), (done, 0.0, 0.0), dim=False, mark=mark, last=None, unit="s")


def _percent(share: float) -> str:
    return str(round(100.0 * share))


def _triple(share: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(share.get(group, 0.0) for group in GROUPS)
