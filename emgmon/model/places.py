"""Muscles and sides: where a sensor can sit."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

GROUPS = ("G", "H", "E")
"""The three groups that are compared: glutes, hamstrings, erector spinae."""

GROUP_TITLES = {"G": "Glutes", "H": "Hamstrings", "E": "Back", "D": "Glute medius"}


class Muscle(NamedTuple):
    """One muscle that can bear electrodes.

    Attributes
    ----------
    title : str
        Name to show.
    group : str
        ``G`` gluteus maximus, ``H`` hamstrings, ``E`` erector spinae, ``D`` gluteus medius, ``""`` none of these.
    segment : str
        Body segment that an IMU in the same housing moves with.
    """

    title: str
    group: str
    segment: str


MUSCLES: Mapping[str, Muscle] = {
    "gluteus_maximus": Muscle("Gluteus maximus", "G", "pelvis"),
    "gluteus_medius": Muscle("Gluteus medius", "D", "pelvis"),
    "biceps_femoris": Muscle("Biceps femoris", "H", "thigh"),
    "semitendinosus": Muscle("Semitendinosus", "H", "thigh"),
    "erector_spinae": Muscle("Erector spinae", "E", "lumbar"),
    "tensor_fasciae_latae": Muscle("Tensor fasciae latae", "", "thigh"),
    "rectus_femoris": Muscle("Rectus femoris", "", "thigh"),
    "vastus_medialis": Muscle("Vastus medialis", "", "thigh"),
    "vastus_lateralis": Muscle("Vastus lateralis", "", "thigh"),
    "tibialis_anterior": Muscle("Tibialis anterior", "", "shank"),
    "peroneus_longus": Muscle("Peroneus longus", "", "shank"),
    "gastrocnemius_medialis": Muscle("Gastrocnemius medialis", "", "shank"),
    "gastrocnemius_lateralis": Muscle("Gastrocnemius lateralis", "", "shank"),
    "soleus": Muscle("Soleus", "", "shank"),
}
"""Muscles by the name that SENIAM uses, in lower case with underscores."""

BODY_SITES: Mapping[str, Muscle] = {
    "sacrum": Muscle("Sacrum", "", "pelvis"),
    "thoracic_spine": Muscle("Thoracic spine", "", "trunk"),
    "sternum": Muscle("Sternum", "", "trunk"),
    "chest": Muscle("Chest", "", "trunk"),
    "thigh": Muscle("Thigh", "", "thigh"),
    "shank": Muscle("Shank", "", "shank"),
    "foot": Muscle("Foot", "", "foot"),
}
"""Places of sensors that measure movement or the heart and no skeletal muscle; ``sacrum`` sits on S2."""

PLACES: Mapping[str, Muscle] = {**MUSCLES, **BODY_SITES}

SIDES = ("left", "right", "midline")


@dataclass(frozen=True, slots=True, order=True)
class Placement:
    """Where a sensor sits: a muscle or body site of `PLACES` and a side of `SIDES`."""

    muscle: str
    side: str

    @property
    def group(self) -> str:
        """Group letter of the muscle, ``""`` if it belongs to none."""
        return PLACES[self.muscle].group

    @property
    def segment(self) -> str:
        """Body segment that an IMU there moves with."""
        return PLACES[self.muscle].segment

    @property
    def label(self) -> str:
        """Two letters for a small light on the screen: ``GL`` is gluteus maximus, left."""
        return f"{self.group or PLACES[self.muscle].title[0]}{self.side[0].upper()}"

    @property
    def title(self) -> str:
        """Name to show, as in ``Gluteus maximus, left``."""
        return f"{PLACES[self.muscle].title}, {self.side}"

    def __str__(self) -> str:
        return sys.intern(f"{self.muscle}/{self.side}")  # hundreds of numbers of each rep bear it

    @classmethod
    def parse(cls, text: str) -> Placement | None:
        """Read ``muscle/side``; None when either part is unknown."""
        muscle, _, side = text.strip().partition("/")
        return cls(muscle, side) if muscle in PLACES and side in SIDES else None
