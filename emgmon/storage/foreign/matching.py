"""Brings map and file together: which channels become which stream of the recording, in which unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emgmon.errors import ImportFailed
from emgmon.model import Array, Placement
from emgmon.storage.foreign.base import Foreign, ForeignStream, one_line
from emgmon.storage.foreign.checks import CLIPPED_SHARE, clipped_share, is_flat, looks_like_envelope
from emgmon.storage.foreign.maps import ImportMap, ImuMap
from emgmon.storage.foreign.taking import Wanted, clock_of

MICRO = {"uv": 1.0, "µv": 1.0, "μv": 1.0, "mv": 1e3, "v": 1e6, "nv": 1e-3, "volts": 1e6, "volt": 1e6}
MICRO |= {"microvolt": 1.0, "microvolts": 1.0, "millivolt": 1e3, "millivolts": 1e3}
STANDARD_G = 9.80665
TO_G = {"g": 1.0, "mg": 1e-3} | dict.fromkeys(("m/s2", "m/s^2", "m/s²", "m/s/s", "ms-2"), 1.0 / STANDARD_G)
TO_DPS = dict.fromkeys(("dps", "deg/s", "°/s", "º/s", "deg/sec", "degrees/s"), 1.0) | {"rad/s": 180.0 / np.pi}
AXES = (("acc_x", "acc_y", "acc_z"), ("gyr_x", "gyr_y", "gyr_z"))
MIN_EMG_HZ = 100.0
"""Below this a channel is no raw EMG that could be filtered."""


def names_of(foreign: Foreign, stream: str = "") -> list[str]:
    """List the names by which a map can call the channels: ``STREAM:NAME`` where a name stands in several streams."""
    streams = [one for one in foreign.streams if not stream or one.name == stream]
    plain = [name for one in streams for name in one.names]
    return [name if plain.count(name) == 1 else f"{one.name}:{name}" for one in streams for name in one.names]


def wanted(path: Path, foreign: Foreign, mapping: ImportMap) -> tuple[list[Wanted], list[str]]:
    """Make the streams that a map asks for.

    Returns
    -------
    streams : list of Wanted
    told : list of str

    Raises
    ------
    ImportFailed
        When a channel is not in the file, or is in it twice, or lacks what cannot be guessed.
    """
    _check_stream(path, foreign, mapping)
    places = [channel.placement for channel in mapping.channels.values() if channel.placement]
    twice = {str(place) for place in places if places.count(place) > 1}
    if twice:
        raise ImportFailed(f"{mapping.where}: {', '.join(sorted(twice))} is given to more than one column")
    found = _find(path, foreign, mapping, list(mapping.channels))
    told: list[str] = []
    streams: list[Wanted] = []
    for stream in foreign.streams:
        names = [name for name, (its, _column) in found.items() if its is stream]
        if names:
            made, lines = _emg(path, stream, names, [found[name][1] for name in names], mapping)
            streams += made
            told += lines
    used = {(id(stream), column) for stream, column in found.values()}
    for name, imu in mapping.imus.items():
        one, columns, lines = _imu(path, foreign, name, imu, mapping)
        streams.append(one)
        told += lines
        used |= columns
    left_out = [
        name
        for stream in foreign.streams
        if not mapping.stream or stream.name == mapping.stream
        for column, name in enumerate(stream.names)
        if (id(stream), column) not in used
    ]
    if left_out:
        told.insert(0, f"left out, as the map does not name them: {one_line(', '.join(left_out), 400)}")
    return streams, told


def _check_stream(path: Path, foreign: Foreign, mapping: ImportMap) -> None:
    known = [stream.name for stream in foreign.streams]
    if mapping.stream and mapping.stream not in known:
        listed = ", ".join(filter(None, known)) or "none"
        raise ImportFailed(f"{path}: has no stream {mapping.stream!r} ([file] stream = …); there are {listed}")


def _find(path: Path, foreign: Foreign, mapping: ImportMap, keys: list[str]) -> dict[str, tuple[ForeignStream, int]]:
    """Stream and column of each channel that is named ``NAME`` or ``STREAM:NAME``."""
    found: dict[str, tuple[ForeignStream, int]] = {}
    absent = []
    for key in keys:
        at = [
            (stream, column)
            for stream in foreign.streams
            for column, name in enumerate(stream.names)
            if key == f"{stream.name}:{name}" or (key == name and mapping.stream in {"", stream.name})
        ]
        if len(at) > 1:
            known = ", ".join(repr(stream.name) for stream, _column in at)
            raise ImportFailed(
                f"{path}: {key!r} stands in the streams {known}; say in the map which is meant ([file] stream = …),"
                f' or name it ["{at[0][0].name}:{key}"]'
            )
        if at:
            found[key] = at[0]
        else:
            absent.append(key)
    if absent:
        names = one_line(", ".join(names_of(foreign, mapping.stream)), 1000)
        raise ImportFailed(
            f"{mapping.where}: no column {', '.join(map(repr, absent))} in {path.name}; columns are {names}"
        )
    return found


# --- EMG --------------------------------------------------------------------------------------------------------------


def _emg(
    path: Path, stream: ForeignStream, names: list[str], columns: list[int], mapping: ImportMap
) -> tuple[list[Wanted], list[str]]:
    """Make the streams of EMG from one foreign stream: one for each unit and kind."""
    clock, told = clock_of(path, stream, columns, mapping)
    groups: dict[tuple[str, str], list[tuple[int, float, Placement | None]]] = {}
    for name, column in zip(names, columns, strict=True):
        channel = mapping.channels[name]
        samples = stream.samples[:, column] if clock.rows is None else stream.samples[clock.rows, column]
        factor = MICRO.get((channel.unit or stream.units[column]).strip().lower())
        if factor is None:
            told.append(f"{name}: unit unknown, kept as a.u.")
        quantity, lines = _kind(name, channel.kind, samples, clock.fs_hz)
        told += lines
        if channel.placement is None:
            told.append(f"{name}: muscle or side unknown; recorded but not analysed")
        key = (quantity, "uv" if factor else "a.u.")
        groups.setdefault(key, []).append((column, factor or 1.0, channel.placement))
    made = []
    for (quantity, unit), group in groups.items():
        taken, factors, places = zip(*group, strict=True)
        made.append(
            Wanted(
                path.stem,
                quantity,
                unit,
                clock.fs_hz,
                clock.start_s,
                clock.index,
                places,
                stream.samples,
                clock.rows,
                taken,
                factors,
            )
        )
    return made, told


def _kind(name: str, said: str, samples: Array, fs_hz: float) -> tuple[str, list[str]]:
    """Quantity of a channel, and what is wrong with it."""
    if is_flat(samples):
        return "emg", [f"{name}: never changes; no signal"]
    told = []
    share = clipped_share(samples)
    if share > CLIPPED_SHARE:
        told.append(f"{name}: {100 * share:.1f} % of the samples stand at the extreme values: clipped")
    if said == "envelope":
        return "envelope", [*told, f"{name}: an envelope: levels only, no onsets"]
    if not said and looks_like_envelope(samples, fs_hz):
        why = 'looks like an envelope, not raw EMG: levels only, no onsets (kind = "emg" in the map overrides this)'
        return "envelope", [*told, f"{name}: {why}"]
    if fs_hz < MIN_EMG_HZ:
        why = f"{fs_hz:g} Hz is too slow for EMG (at least {MIN_EMG_HZ:g} Hz): levels only, no onsets"
        return "envelope", [*told, f"{name}: {why}"]
    return "emg", told


# --- inertial sensors -------------------------------------------------------------------------------------------------


def _imu(
    path: Path, foreign: Foreign, name: str, imu: ImuMap, mapping: ImportMap
) -> tuple[Wanted, set[tuple[int, int]], list[str]]:
    """Make the stream of one inertial sensor: six columns, or three where there is no gyroscope."""
    place = f"{mapping.where}: [imu.{name}]"
    if imu.acc:
        found = _find(path, foreign, mapping, [*imu.acc, *imu.gyro])
        if len({id(stream) for stream, _column in found.values()}) > 1:
            raise ImportFailed(
                f"{place}: acc and gyro are on different clocks; name only acc, or only one stream's channels"
            )
        stream = found[imu.acc[0]][0]
        columns = [found[key][1] for key in (*imu.acc, *imu.gyro)]
    else:
        stream, columns = _axes(path, foreign, imu.stream or name, place)
    factors = []
    for k, column in enumerate(columns):
        known, said, what = (TO_G, imu.acc_unit, "acc") if k < 3 else (TO_DPS, imu.gyro_unit, "gyro")
        unit = said or stream.units[column]
        if unit.strip().lower() not in known:
            raise ImportFailed(f"{place}: unit {unit!r} of {stream.names[column]}; say {what}_unit: {', '.join(known)}")
        factors.append(known[unit.strip().lower()])
    clock, told = clock_of(path, stream, columns, mapping, still=True)
    both = len(columns) == 6
    if not both:
        told.append(f"{name}: acceleration without angular velocity is recorded but not analysed yet")
    one = Wanted(
        f"{path.stem} {name}",
        "imu" if both else "acceleration",
        "g,dps" if both else "g",
        clock.fs_hz,
        clock.start_s,
        clock.index,
        (imu.placement,),
        stream.samples,
        clock.rows,
        tuple(columns),
        tuple(factors),
    )
    return one, {(id(stream), column) for column in columns}, told


def _axes(path: Path, foreign: Foreign, name: str, place: str) -> tuple[ForeignStream, list[int]]:
    """Columns ``acc_x`` … ``gyr_z`` of the stream that is called so."""
    stream = next((one for one in foreign.streams if one.name == name), None)
    if stream is None:
        known = ", ".join(one.name for one in foreign.streams if one.name) or "none"
        raise ImportFailed(
            f"{place}: no stream {name!r} in {path.name} (there are {known}); name its channels: acc = [x, y, z]"
        )
    lower = [channel.lower() for channel in stream.names]
    if not all(axis in lower for axis in AXES[0]):
        raise ImportFailed(f"{place}: stream {name!r} has no {', '.join(AXES[0])}; name its channels: acc = [x, y, z]")
    axes = [*AXES[0], *(AXES[1] if all(axis in lower for axis in AXES[1]) else ())]
    return stream, [lower.index(axis) for axis in axes]
