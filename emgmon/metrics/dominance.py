"""Who does the work: the glutes against their synergists, hamstrings and erector spinae.

All indices are formed on each side and then averaged. ``G``, ``H``, ``E`` are amplitudes of the groups in one phase
of one rep (`RepSignals.group_level`). Log-ratios are positive when the synergist is the larger.
"""

from __future__ import annotations

import math

from emgmon.metrics.amplitude import ln_ratio
from emgmon.metrics.base import Level, Metric, RepSignals, both_sides, joined, once, ratio_flag
from emgmon.model import Value

FLOOR_REF = 0.10
"""Below this sum of G + H + E, in fractions of the reference, there is too little activity to share out."""

MIN_SEEN = 2
"""Groups that must stand above their limit of detection before anything is compared."""

QUIET = "too little activity"


@once
def _too_quiet(signals: RepSignals, side: str, phase: str) -> bool:
    """Whether a side has too little activity in a phase for its groups to be compared."""
    levels = [signals.group_level(group, side, phase) for group in signals.groups]
    there = [level for level in levels if not math.isnan(level.value)]
    if signals.permits.levels and sum(level.value for level in there) < FLOOR_REF:
        return True
    return sum(level.flag != "<=" for level in there) < MIN_SEEN


@once
def _log_ratio(signals: RepSignals, above: str, below: str, side: str, phase: str) -> Level:
    levels = [signals.group_level(group, side, phase) for group in (above, below)]
    missing = next((level for level in levels if math.isnan(level.value)), None)
    if missing:
        return missing
    return Level(math.nan, QUIET) if _too_quiet(signals, side, phase) else ln_ratio(*levels)


def log_ratio_h(signals: RepSignals) -> list[Value]:
    """ln(H/G) for each side and phase."""
    return _ratios(signals, "log_ratio_h", "H", "G")


def log_ratio_e(signals: RepSignals) -> list[Value]:
    """ln(E/G) for each side and phase."""
    return _ratios(signals, "log_ratio_e", "E", "G")


def log_ratio_he(signals: RepSignals) -> list[Value]:
    """ln(H/E) for each side and phase: which of the two synergists."""
    return _ratios(signals, "log_ratio_he", "H", "E")


def _ratios(signals: RepSignals, name: str, above: str, below: str) -> list[Value]:
    if not {above, below} <= set(signals.groups):
        return []
    return [
        value
        for phase in signals.phases
        for value in both_sides(
            name, "ln", phase, {side: _log_ratio(signals, above, below, side, phase) for side in signals.sides}
        )
    ]


@once
def sdi(signals: RepSignals) -> list[Value]:
    """Synergist dominance index, ½(ln(H/G) + ln(E/G)), for each side and phase; only where the catalogue scores it."""
    if not signals.sdi_scored or not {"G", "H", "E"} <= set(signals.groups):
        return []
    out: list[Value] = []
    for phase in signals.phases:
        sided: dict[str, Level] = {}
        for side in signals.sides:
            parts = [_log_ratio(signals, synergist, "G", side, phase) for synergist in ("H", "E")]
            missing = next((part for part in parts if math.isnan(part.value)), None)
            flag = joined(*(part.flag for part in parts))
            sided[side] = missing or Level(0.5 * (parts[0].value + parts[1].value), flag)
        out += both_sides("sdi", "ln", phase, sided)
    return out


def _share(signals: RepSignals, name: str, group: str) -> list[Value]:
    if not signals.permits.levels or not {"G", "H", "E"} <= set(signals.groups):
        return []
    return [
        value
        for phase in signals.phases
        for value in both_sides(name, "1", phase, {side: _part(signals, group, side, phase) for side in signals.sides})
    ]


def _part(signals: RepSignals, group: str, side: str, phase: str) -> Level:
    levels = {each: signals.group_level(each, side, phase) for each in ("G", "H", "E")}
    missing = next((level for level in levels.values() if not math.isfinite(level.value)), None)
    if missing:
        return Level(math.nan, missing.flag)
    if _too_quiet(signals, side, phase):
        return Level(math.nan, QUIET)
    others = joined(*(level.flag for each, level in levels.items() if each != group))
    total = sum(level.value for level in levels.values())
    return Level(levels[group].value / total, ratio_flag(levels[group].flag, others))


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
LOG_RATIO_HE = Metric("log_ratio_he", "Hamstrings to back", "ln", 0, log_ratio_he)
SDI = Metric("sdi", "Synergist dominance index", "ln", -1, sdi)
