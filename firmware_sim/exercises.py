"""Reads `exercises.toml`: what each exercise of the programme is made of."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_sim.kinematics import ROLL, SEGMENTS, SIDE, SIDES, TILT, TURN

Array = NDArray[np.float64]
Pattern = Mapping[str, Mapping[str, float]]

LEG_PARTS = ("thigh", "shank", "foot")
MIRRORED_WITH_WORK = {"side": SIDE, "turn": TURN, "roll": ROLL}
MIRRORED_WITH_LEG = {"out": SIDE, "toe": TURN}
GROUPS = {
    "G": ("gluteus_maximus",),
    "D": ("gluteus_medius",),
    "H": ("biceps_femoris", "semitendinosus"),
    "E": ("erector_spinae",),
}
MUSCLE_SIGNS = ("sdi_up", "hamstrings_up")
"""Compensations of the muscles alone, of any exercise, ln; others of ``signs`` without a table are timing or unrest."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One compensation: what a degree of it adds to the segments; grows with the movement or ``hold``."""

    pattern: Pattern
    when: str


@dataclass(frozen=True, slots=True)
class Exercise:
    """One table of `exercises.toml`; see there for the meaning of each key.

    `level` has mean and coefficient of variation between people for each of G, D, H, E.
    """

    id: str
    pose: Pattern
    move: Pattern
    level: Mapping[str, tuple[float, float]]
    con: Mapping[str, float]
    ecc: Mapping[str, float]
    held: Mapping[str, float]
    other: Mapping[str, float]
    signs: Mapping[str, Sign]
    sides: str = "both"
    anchor: str = "feet"
    first: str = "con"
    con_s: tuple[float, float] = (0.8, 2.0)
    hold_s: tuple[float, float] = (0.0, 0.0)
    ecc_s: tuple[float, float] = (1.0, 2.5)
    rest_s: tuple[float, float] = (1.4, 2.6)
    impact_g: float = 0.0
    sway_deg: float = 0.35


_RATIOS: Mapping[str, Mapping[str, float]] = {
    "con": {"G": 1.1, "D": 1.1, "H": 1.1, "E": 1.1},
    "ecc": {"G": 0.6, "D": 0.6, "H": 0.65, "E": 0.8},
    "held": {"G": 1.0, "D": 1.0, "H": 1.0, "E": 1.0},
    "other": {"G": 0.3, "D": 0.35, "H": 0.3, "E": 0.9},
}


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("firmware_sim").joinpath("exercises.toml").read_text("utf-8"))


def pose(name: str) -> Pattern:
    """Return a pose of `exercises.toml`."""
    found: Pattern = _tables()["pose"][name]
    return found


def bow(name: str) -> Pattern:
    """Return what a ``hinge`` or ``squat`` of the calibration adds to the upright stance."""
    found: Pattern = _tables()["bow"][name]
    return found


@cache
def exercises() -> Mapping[str, Exercise]:
    """Every exercise by its id."""
    return {name: _exercise(name, table, _tables()["sign"]) for name, table in _tables()["exercise"].items()}


def _exercise(name: str, table: Mapping[str, Any], common: Mapping[str, Any]) -> Exercise:
    own = dict(table)
    shaped = own.pop("sign", {})
    names = own.pop("signs", [])
    signs = {sign: shaped.get(sign, common.get(sign)) for sign in names}
    for ratio, usual in _RATIOS.items():
        own[ratio] = dict(usual) | own.get(ratio, {})
    own["pose"] = pose(own["pose"])
    own["signs"] = {
        sign: Sign(
            {} if shape is None else {k: v for k, v in shape.items() if k != "when"}, (shape or {}).get("when", "far")
        )
        for sign, shape in signs.items()
    }
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in own.items()}
    values["level"] = {group: tuple(pair) for group, pair in own["level"].items()}
    return Exercise(id=name, **({"move": {}} | values))


def attitudes(pattern: Pattern, work: str) -> dict[str, Array]:
    """Attitude of every segment, degrees, shape (4,) each.

    Parameters
    ----------
    pattern : mapping of segment to named angles
        As in `exercises.toml`.
    work : str
        ``left`` or ``right``: the side that works; ``both`` counts as left.
    """
    work = "right" if work == "right" else "left"
    mirror = -1.0 if work == "right" else 1.0
    found = {segment: np.zeros(4) for segment in SEGMENTS}
    for key, angles in pattern.items():
        part, _, role = key.partition("_")
        if part in LEG_PARTS:
            legs = SIDES if not role else (work,) if role == "work" else tuple(side for side in SIDES if side != work)
            for leg in legs:
                found[f"{part}_{leg}"] += _angles(angles, mirror, 1.0 if leg == "left" else -1.0)
        else:
            found[part] += _angles(angles, mirror, 0.0)
    if "lumbar" not in pattern:
        found["lumbar"] = (found["pelvis"] + found["trunk"]) / 2
    return found


def _angles(named: Mapping[str, float], mirror: float, leg: float) -> Array:
    angles = np.zeros(4)
    for name, value_deg in named.items():
        if name == "tilt":
            angles[TILT] += value_deg
        elif name in MIRRORED_WITH_WORK:
            angles[MIRRORED_WITH_WORK[name]] += mirror * value_deg
        else:
            angles[MIRRORED_WITH_LEG[name]] += leg * value_deg
    return angles
