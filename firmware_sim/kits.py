"""Who wears what: the kinds of sensors, and kits of them that cover one person.

A kit is a table: which sensor carries which sites on which channels, and where its housing sits. Sensors that
bear no label are told apart by their names alone, so that the host has to be told their placements.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from firmware_sim.body import Body
from firmware_sim.chest import chest_ecg
from firmware_sim.firmware import SENSOR_SITES, Sensor
from firmware_sim.person import MUSCLES
from firmware_sim.physiology import BodySignals, Grid, body_signals, motion_signals
from firmware_sim.sensors.base import SimulatedSensor
from firmware_sim.sensors.bitalino import Bitalino
from firmware_sim.sensors.ganglion import Ganglion
from firmware_sim.sensors.gforce import GForce
from firmware_sim.sensors.metamotion import MetaMotion
from firmware_sim.sensors.movella_dot import MovellaDot
from firmware_sim.sensors.movesense import Movesense
from firmware_sim.sensors.myo import Myo
from firmware_sim.sensors.myopod import MyoPod
from firmware_sim.sensors.myoware import MyoWare
from firmware_sim.sensors.npg_lite import NpgLite
from firmware_sim.sensors.polar_h10 import PolarH10
from firmware_sim.sensors.shimmer3r import Shimmer3R
from firmware_sim.sensors.umyo import Umyo
from firmware_sim.sensors.witmotion import WitMotion
from firmware_sim.sensors.worn import Leads, WornSensor
from firmware_sim.wearer import SIDES, Script, Site

OWN_KIT = "emgmon"
MOTION = ("imu", "acceleration", "angular_velocity", "magnetic_field", "quaternion")
"""Quantities that sit where the housing does."""

SACRUM, CHEST = "sacrum/midline", "chest/midline"
_LIKE: Mapping[str, Site] = {SACRUM: ("gluteus_maximus", "left")}  # that moves as a muscle's site does in one plane
_OTHER_MOUNTING = 7919  # added to the seed there, because it is another sensor on the same segment


@dataclass(frozen=True, slots=True)
class Unit:
    """One sensor of a kit.

    Attributes
    ----------
    name : str
        As advertised.
    kind : str
        Key of `KINDS`.
    emg : tuple of str or None
        ``muscle/side`` of each channel, None where its leads hang loose; `CHEST` of a strap that hears the heart.
    imu : str or None
        Where the housing sits; None where it lies beside the person or has no motion sensor.
    options : mapping
        Further settings of the kind: its firmware, its rate.
    """

    name: str
    kind: str
    emg: tuple[str | None, ...] = ()
    imu: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def labelled(self) -> bool:
        """Whether the sensor itself says where it sits."""
        return self.kind == OWN_KIT

    def placement(self) -> dict[str, Any]:
        """Give the data of a ``placement`` mark that says where each channel sits."""
        heard = "ecg" if CHEST in self.emg else "envelope" if self.kind == "myoware" else "emg"
        channels: dict[str, list[str | None]] = {heard: list(self.emg)} if self.emg else {}
        if self.imu:
            channels |= {quantity: [self.imu] for quantity in MOTION}
        return {"device": self.name, "channels": channels}


class Wardrobe:
    """Signals of one person, made once for each place that is worn."""

    def __init__(self, script: Script, seed: int, body: Body | None = None) -> None:
        self._script, self._seed, self._body = script, seed, body
        self._bodies: dict[str, BodySignals] = {}

    def at(self, place: str) -> BodySignals:
        """Signals at ``muscle/side`` or at a site that only moves."""
        if place not in self._bodies:
            muscle, _, side = place.partition("/")
            like = _LIKE.get(place) if self._script.motion is None else None
            if like:
                signals = body_signals(self._script, like, seed=self._seed + _OTHER_MOUNTING, body=self._body)
            elif muscle in MUSCLES:
                signals = body_signals(self._script, (muscle, side), seed=self._seed, body=self._body)
            else:
                signals = motion_signals(self._script, (muscle, side), seed=self._seed, body=self._body)
            self._bodies[place] = signals
        return self._bodies[place]

    def leads(self, unit: Unit) -> Leads:
        """Fasten a unit to the person."""
        emg: list[Grid | None] = [self._potential(place) if place else None for place in unit.emg]
        return Leads(tuple(emg), self.at(unit.imu).imu if unit.imu else None)

    def _potential(self, place: str) -> Grid:
        if place == CHEST:
            return chest_ecg(self._script, seed=self._seed, body=self._body)
        return self.at(place).emg_uv


Maker = Callable[[Unit, Wardrobe, int], SimulatedSensor]


def _own(unit: Unit, wardrobe: Wardrobe, seed: int) -> SimulatedSensor:
    place = unit.emg[0] if unit.emg else unit.imu
    if place is None:
        raise ValueError(f"{unit.name} sits nowhere")
    muscle, _, side = place.partition("/")
    signals = wardrobe.at(place)
    return Sensor(unit.name, signals, seed=seed, site=(muscle, side), motion_only=not unit.emg, **unit.options)


def _worn(kind: type[WornSensor]) -> Maker:
    def make(unit: Unit, wardrobe: Wardrobe, seed: int) -> SimulatedSensor:
        sensor: SimulatedSensor = kind(unit.name, wardrobe.leads(unit), seed=seed, **unit.options)  # type: ignore[assignment]
        return sensor

    return make


KINDS: Mapping[str, Maker] = {
    OWN_KIT: _own,
    "bitalino": _worn(Bitalino),
    "ganglion": _worn(Ganglion),
    "gforce": _worn(GForce),
    "metamotion": _worn(MetaMotion),
    "movella": _worn(MovellaDot),
    "movesense": _worn(Movesense),
    "myo": _worn(Myo),
    "myopod": _worn(MyoPod),
    "myoware": _worn(MyoWare),
    "npg": _worn(NpgLite),
    "polar": _worn(PolarH10),
    "shimmer": _worn(Shimmer3R),
    "umyo": _worn(Umyo),
    "witmotion": _worn(WitMotion),
}

_GL, _GR = "gluteus_maximus/left", "gluteus_maximus/right"
_HL, _HR = "biceps_femoris/left", "biceps_femoris/right"
_EL, _ER = "erector_spinae/left", "erector_spinae/right"
_SIX = (_GL, _GR, _HL, _HR, _EL, _ER)
_PELVIS = Unit("EMG-SM", OWN_KIT, imu=SACRUM)  # our own sensor without EMG, for kits whose sensors do not move
_UMYO_GLUTES = (Unit("uMyo-1A", "umyo", (_GL,), _GL), Unit("uMyo-2B", "umyo", (_GR,), _GR))
_SHIMMER_HAMSTRINGS = Unit("Shimmer3R-22B1-BLE", "shimmer", (_HL, _HR), _HL)  # housing on the left thigh
_LOW_GAIN: Mapping[str, Any] = {"resistor_kohm": 20.0}  # turned down: 50 cut off a squeeze
_OWN_SIX = tuple(Unit(name, OWN_KIT, ("/".join(site),), "/".join(site)) for name, site in SENSOR_SITES.items())
_MEDIUS = tuple(Unit(f"EMG-D{s[0].upper()}", OWN_KIT, (f"gluteus_medius/{s}",), f"gluteus_medius/{s}") for s in SIDES)
MOTION_SITES = (
    "thoracic_spine/midline",
    SACRUM,
    *(f"{part}/{s}" for part in ("thigh", "shank", "foot") for s in SIDES),
)
"""Where the eight motion sensors of the screen sit."""

KITS: Mapping[str, tuple[Unit, ...]] = {
    OWN_KIT: _OWN_SIX,
    "umyo": (
        *_UMYO_GLUTES,
        Unit("uMyo-3C", "umyo", (_HL,), _HL),
        Unit("uMyo-4D", "umyo", (_HR,), _HR),
        Unit("uMyo-5E", "umyo", (_EL,), _EL),
        Unit("uMyo-6F", "umyo", (_ER,), _ER),
    ),
    "gforce": (Unit("gForceOct-3F7A", "gforce", (_GL, _GR, _HL, _HR, _EL, _ER), SACRUM),),  # box on the belt
    "npg": (
        Unit("NPG-Lite-3CH:4C:11", "npg", (_GL, _HL, _EL)),
        Unit("NPG-Lite-3CH:4C:22", "npg", (_GR, _HR, _ER)),
        _PELVIS,
    ),
    "shimmer": (
        Unit("Shimmer3R-11A0-BLE", "shimmer", (_GL, _GR), SACRUM),
        _SHIMMER_HAMSTRINGS,
        Unit("Shimmer3R-33C2-BLE", "shimmer", (_EL, _ER), _EL),  # housing beside the lumbar spine
    ),
    "ganglion": (Unit("Ganglion-5c1e", "ganglion", (_GL, _GR, _HL, _HR)), _PELVIS),  # four leads: not the back
    "movesense": tuple(Unit(f"Movesense 17463000019{n}", "movesense", (site,), site) for n, site in enumerate(_SIX)),
    "bitalino": (
        Unit("BITalino BLE", "bitalino", (_GL, _GR)),  # more than two channels few links carry at 1000 Hz
        Unit("BITalino BLE 2", "bitalino", (_HL, _HR)),
        Unit("BITalino BLE 3", "bitalino", (_EL, _ER)),
        _PELVIS,
    ),
    "myoware": (
        *(Unit(f"MyoWareSensor{n}", "myoware", (site,), options=_LOW_GAIN) for n, site in enumerate(_SIX, 1)),
        _PELVIS,
    ),
    "myopod": (*(Unit(f"MyoPod {n}", "myopod", (site,)) for n, site in enumerate(_SIX, 1)), _PELVIS),
    "myo": (  # the rings fit thighs at best: one pair of each lies over the hamstrings
        Unit("Myo left", "myo", (_HL,), _HL),
        Unit("Myo right", "myo", (_HR,), _HR),
        *(unit for unit in _OWN_SIX if not set(unit.emg) & {_HL, _HR}),
    ),
    "imu_movella": (*_OWN_SIX, Unit("Movella DOT", "movella", imu=SACRUM)),
    "imu_metamotion": (*_OWN_SIX, Unit("MetaWear", "metamotion", imu=SACRUM)),
    "imu_witmotion": (*_OWN_SIX, Unit("WT901BLE68", "witmotion", imu=SACRUM)),
    "motion": (
        *_OWN_SIX,
        *_MEDIUS,
        *(Unit(f"IMU-{number}", OWN_KIT, imu=place) for number, place in enumerate(MOTION_SITES, 1)),
    ),
    "motion_movella": (
        *_OWN_SIX,
        *(Unit(f"Movella DOT {number}", "movella", imu=place) for number, place in enumerate(MOTION_SITES, 1)),
    ),
    "polar": (*_OWN_SIX, Unit("Polar H10 7E5A1B2C", "polar", (CHEST,))),
    "mixed": (*_UMYO_GLUTES, _SHIMMER_HAMSTRINGS, Unit("NPG-Lite-3CH:4C:33", "npg", (_EL, _ER)), _PELVIS),
}
"""Which sensors one person wears, by the name of the kit; the first is worn when nobody says otherwise."""


def units_of(kit: str, sensors: Iterable[str] | None = None) -> list[Unit]:
    """Chosen units of a kit, all when None; an unknown name is a ValueError that lists the known ones."""
    if kit not in KITS:
        raise ValueError(f"no kit is named {kit}; there are {', '.join(KITS)}")
    units = {unit.name: unit for unit in KITS[kit]}
    names = list(units if sensors is None else sensors)
    unknown = [name for name in names if name not in units]
    if unknown:
        raise ValueError(f"no sensor is named {', '.join(unknown)}; there are {', '.join(units)}")
    return [units[name] for name in names]


def number_of(kit: str, unit: Unit) -> int:
    """Place of a unit in its kit, from 0."""
    return [other.name for other in KITS[kit]].index(unit.name)


def make(unit: Unit, wardrobe: Wardrobe, seed: int) -> SimulatedSensor:
    """One sensor, worn."""
    return KINDS[unit.kind](unit, wardrobe, seed)
