"""Who does the work: the glutes against their synergists, hamstrings and erector spinae.

All indices are formed on each side and then averaged. ``G``, ``H``, ``E`` are amplitudes of the groups in one phase
of one rep (`RepSignals.group_level`). Log-ratios are positive when the synergist is the larger.
"""

from __future__ import annotations

import math

from emgmon.metrics.base import INVERSE, Level, Metric, RepSignals, both_sides, joined, ratio_flag
from emgmon.model import Value

FLOOR_REF = 0.10
"""Below this sum of G + H + E, in fractions of the reference, there is too little activity to share out."""


def _log_ratio(signals: RepSignals, synergist: str, side: str, phase: str) -> Level:
    glute = signals.group_level("G", side, phase)
    other = signals.group_level(synergist, side, phase)
    for level in (glute, other):
        if math.isnan(level.value):
            return level
    if signals.permits.levels and _sum(signals, side, phase) < FLOOR_REF:
        return Level(math.nan, "too little activity")
    return Level(math.log(other.value / glute.value), ratio_flag(other.flag, glute.flag))


def _sum(signals: RepSignals, side: str, phase: str) -> float:
    levels = (signals.group_level(group, side, phase).value for group in signals.groups)
    return sum(level for level in levels if not math.isnan(level))


def _compared(signals: RepSignals, synergist: str) -> bool:
    return "G" in signals.groups and synergist in signals.groups


def log_ratio_h(signals: RepSignals) -> list[Value]:
    """ln(H/G) for each side and phase."""
    return _ratios(signals, "log_ratio_h", "H")


def log_ratio_e(signals: RepSignals) -> list[Value]:
    """ln(E/G) for each side and phase."""
    return _ratios(signals, "log_ratio_e", "E")


def _ratios(signals: RepSignals, name: str, synergist: str) -> list[Value]:
    if not _compared(signals, synergist):
        return []
    return [
        value
        for phase in signals.phases
        for value in both_sides(
            name, "ln", phase, {side: _log_ratio(signals, synergist, side, phase) for side in signals.sides}
        )
    ]


def sdi(signals: RepSignals) -> list[Value]:
    """Synergist dominance index, ½(ln(H/G) + ln(E/G)), for each side and phase; only where the catalogue scores it."""
    if not (signals.sdi_scored and _compared(signals, "H") and _compared(signals, "E")):
        return []
    out: list[Value] = []
    for phase in signals.phases:
        sided: dict[str, Level] = {}
        for side in signals.sides:
            parts = [_log_ratio(signals, synergist, side, phase) for synergist in ("H", "E")]
            missing = next((part for part in parts if math.isnan(part.value)), None)
            flag = joined(*(part.flag for part in parts))
            sided[side] = missing or Level(0.5 * (parts[0].value + parts[1].value), flag)
        out += both_sides("sdi", "ln", phase, sided)
    return out


def _share(signals: RepSignals, name: str, group: str) -> list[Value]:
    if not signals.permits.levels or any(g not in signals.groups for g in ("G", "H", "E")):
        return []
    out: list[Value] = []
    for phase in signals.phases:
        sided: dict[str, Level] = {}
        for side in signals.sides:
            levels = {g: signals.group_level(g, side, phase) for g in ("G", "H", "E")}
            missing = next((level for level in levels.values() if math.isnan(level.value)), None)
            total = _sum(signals, side, phase)
            if missing is not None:
                sided[side] = missing
            elif total < FLOOR_REF:
                sided[side] = Level(math.nan, "too little activity")
            else:
                others = (INVERSE.get(levels[g].flag, levels[g].flag) for g in levels if g != group)
                sided[side] = Level(levels[group].value / total, joined(levels[group].flag, *others))
        out += both_sides(name, "1", phase, sided)
    return out


def share_glute(signals: RepSignals) -> list[Value]:
    """G/(G+H+E) for each side and phase; only with maximal references for all channels."""
    return _share(signals, "share_glute", "G")


def share_hamstring(signals: RepSignals) -> list[Value]:
    """H/(G+H+E) for each side and phase; only with maximal references for all channels."""
    return _share(signals, "share_hamstring", "H")


def share_back(signals: RepSignals) -> list[Value]:
    """E/(G+H+E) for each side and phase; only with maximal references for all channels."""
    return _share(signals, "share_back", "E")


SHARE_GLUTE = Metric("share_glute", "Glute share", "1", 1, share_glute)
SHARE_HAMSTRING = Metric("share_hamstring", "Hamstring share", "1", -1, share_hamstring)
SHARE_BACK = Metric("share_back", "Back share", "1", -1, share_back)
LOG_RATIO_H = Metric("log_ratio_h", "Hamstrings to glutes", "ln", -1, log_ratio_h)
LOG_RATIO_E = Metric("log_ratio_e", "Back to glutes", "ln", -1, log_ratio_e)
SDI = Metric("sdi", "Synergist dominance index", "ln", -1, sdi)
