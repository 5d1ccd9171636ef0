"""What the training screen remembers of one sensor and of one repetition. No Qt, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite, nan

from emgmon.model import SIDES, Placement, RepSummary

SHARE_METRICS = {"G": "share_glute", "H": "share_hamstring", "E": "share_back"}


class Light(StrEnum):
    """How well a sensor is heard."""

    GOOD = "good"
    WEAK = "weak"
    LOST = "lost"


class Feedback(StrEnum):
    """When a repetition is shown while it runs; what came of it is shown always, once it is over."""

    LIVE = "live"
    FADED = "faded"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Task:
    """What the person is at outside a set: a word for the cue, and what begins or ends in `left_s`, called `label`."""

    word: str
    label: str
    left_s: float


@dataclass(frozen=True, slots=True)
class Sensor:
    """A sensor as the link sees it; `state` and `battery_percent` as in `DeviceChanged`."""

    device: str
    placements: tuple[Placement, ...]
    state: str
    battery_percent: int | None


@dataclass(frozen=True, slots=True)
class RepMark:
    """A finished rep on the training screen.

    Attributes
    ----------
    index : int
    share : mapping of str to float
        Share of G, H, E in the hold, 0 to 1; empty when it could not be said.
    target : str
        ``met``, ``missed`` or ``unknown``.
    glute_level : mapping of Placement to float
        Level of each glute channel in the hold, unit as in `Frame.level`.
    sdi : float
        Index of the hold; NaN when it could not be said.
    """

    index: int
    share: Mapping[str, float]
    target: str
    glute_level: Mapping[Placement, float]
    sdi: float = nan

    @classmethod
    def of(cls, summary: RepSummary) -> RepMark:
        """Pick from a finished rep what the screen shows."""
        share = {group: summary.value(metric, "hold") for group, metric in SHARE_METRICS.items()}
        if not summary.valid or not all(map(isfinite, share.values())):
            share = {}
        levels = {}
        for value in summary.values:
            placement = Placement.parse(value.where)
            if value.metric == "level" and value.phase == "hold" and placement and placement.group == "G":
                levels[placement] = value.value
        sdi = summary.value("sdi", "hold") if summary.valid else nan
        return cls(summary.index, share, summary.target, levels, sdi)


def rank(placement: Placement) -> tuple[int, int, str]:
    """Order places as on the screen: glutes, hamstrings, back, the rest; left before right."""
    order = "GHED"
    group = order.index(placement.group) if placement.group else len(order)
    return group, SIDES.index(placement.side), placement.muscle
