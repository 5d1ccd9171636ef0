"""Row about the lights of a channel: whether each artefact is told, and how often a clean channel is accused."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from emgmon.model import Array, Entry, Packet, QualityChanged
from emgmon.validation.sessions import EMG_DEVICE, EPOCH_NS, Emg, Plan, entries_of, told
from emgmon.validation.sources import DEVICES, DRIVE_HZ, GRID_HZ, NAMES, generators, muscle, noise, trapezoids
from emgmon.validation.table import Conditions, Measurement
from firmware_sim import artefacts
from firmware_sim.amplifier import digitise
from firmware_sim.emg import Generator

TOTAL_S, REST_S = 62.0, (1.0, 5.0)
REPS_S = tuple((8.0 + 5.0 * k, 10.0 + 5.0 * k) for k in range(10))
EPISODES_S = ((18.0, 20.0), (33.0, 35.0), (48.0, 50.0))
"""In a rep each; lift-offs and dead times reach beyond it."""
LATE_S = 1.25
"""A verdict is about the last second, each quarter of one."""
NOISE_UV, MAINS_UV, LOUD_UV = 2.0, 20.0, 15.0
HUM_S = 18.0
LEVEL, MVIC_UV = 0.3, 200.0

Spans = Sequence[tuple[float, float]]


class Kind(NamedTuple):
    """One kind of artefact: the codes that tell it, where it is, and how a signal on the grid gets it."""

    codes: frozenset[str]
    episodes_s: Spans
    spoil: Callable[[Array, float, int], Array]


def _hum(samples_uv: Array, _plateau_uv: float, seed: int) -> Array:
    return artefacts.mains(samples_uv, GRID_HZ, amplitude_uv=math.sqrt(2.0) * MAINS_UV, seed=seed).samples_uv


def _late_hum(samples_uv: Array, plateau_uv: float, seed: int) -> Array:
    quiet = np.arange(len(samples_uv)) < HUM_S * GRID_HZ
    return np.where(quiet, samples_uv, _hum(samples_uv, plateau_uv, seed))


def _motion(samples_uv: Array, plateau_uv: float, seed: int) -> Array:
    moving = trapezoids(len(samples_uv) / GRID_HZ, dict.fromkeys(EPISODES_S, 1.0), 0.1)
    movement = np.interp(np.arange(len(samples_uv)) / GRID_HZ, np.arange(len(moving)) / DRIVE_HZ, moving)
    return artefacts.motion(samples_uv, GRID_HZ, movement=movement, rms_uv=plateau_uv, seed=seed).samples_uv


def _pops(samples_uv: Array, _plateau_uv: float, seed: int) -> Array:
    return artefacts.pops(samples_uv, GRID_HZ, at_s=[start_s for start_s, _stop in EPISODES_S], seed=seed).samples_uv


def _lifted(samples_uv: Array, _plateau_uv: float, seed: int) -> Array:
    return artefacts.lift_off(samples_uv, GRID_HZ, windows_s=EPISODES_S, seed=seed).samples_uv


def _flat(samples_uv: Array, _plateau_uv: float, _seed: int) -> Array:
    out = samples_uv.copy()
    for start_s, stop_s in EPISODES_S:
        out[round(start_s * GRID_HZ) : round(stop_s * GRID_HZ)] = 0.0
    return out


def _loud(samples_uv: Array, _plateau_uv: float, seed: int) -> Array:
    return samples_uv + noise(len(samples_uv), LOUD_UV, np.random.default_rng([seed, 52]))


def _same(samples_uv: Array, _plateau_uv: float, _seed: int) -> Array:
    return samples_uv


AFTER_REST_S = ((REST_S[1] + 1.0, TOTAL_S - 1.0),)
KINDS: Mapping[str, Kind] = {
    "hum of 20 µV RMS": Kind(frozenset({"PLI"}), ((0.0, TOTAL_S - 1.0),), _hum),
    "hum that begins after the rest": Kind(frozenset({"PLI"}), ((HUM_S, TOTAL_S - 1.0),), _late_hum),
    "motion, as large as the EMG": Kind(frozenset({"MAR"}), EPISODES_S, _motion),
    "pops of 0.2 to 5 mV": Kind(frozenset({"LEAD", "MAR", "CLIP"}), EPISODES_S, _pops),
    "electrode off": Kind(frozenset({"LEAD"}), EPISODES_S, _lifted),
    "no signal": Kind(frozenset({"FLAT"}), EPISODES_S, _flat),
    "noise, 15 µV": Kind(frozenset({"NOISE"}), AFTER_REST_S, _loud),
    "cut off at 1.2 SD": Kind(frozenset({"CLIP"}), REPS_S[2:], _same),
}
PLACES = {
    "clean 1": "gluteus_maximus/left",
    "clean 2": "biceps_femoris/right",
    "hum of 20 µV RMS": "biceps_femoris/left",
    "hum that begins after the rest": "tensor_fasciae_latae/left",
    "motion, as large as the EMG": "gluteus_medius/left",
    "pops of 0.2 to 5 mV": "gluteus_medius/right",
    "electrode off": "rectus_femoris/left",
    "no signal": "rectus_femoris/right",
    "noise, 15 µV": "vastus_lateralis/left",
    "cut off at 1.2 SD": "vastus_medialis/right",
}
"""Muscles of one filter and one spectrum; no two of one side that would be compared with each other."""
LOST, BRIDGED = "lost for 0.3 s", "gel from one electrode to the other"
BRIDGE = 0.8
"""Share of its neighbour that each of two bridged channels sees."""


def flags(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Share of episodes that are told by a code that fits, %, and false flags in a clean minute."""
    out = []
    for generator in generators(quick=quick):
        for device in ("A",) if quick or generator != "motor_units" else ("A", "C"):
            hits: dict[str, list[bool]] = {name: [] for name in (*KINDS, LOST, BRIDGED)}
            false, minutes = 0, 0.0
            for seed in seeds:
                changes = _changes(_session(generator, seed, device))
                for name, kind in KINDS.items():
                    own = changes.get(PLACES[name], [])
                    hits[name] += [_is_told(own, episode, kind.codes) for episode in kind.episodes_s]
                lost, clean = _lossy(generator, seed, device)
                hits[LOST] += lost
                hits[BRIDGED].append(_bridged(generator, seed, device))
                for own in (changes.get(PLACES["clean 1"], []), changes.get(PLACES["clean 2"], []), clean):
                    false += sum(change.state != "good" for change in own)
                    minutes += TOTAL_S / 60.0
            where: Conditions = {"generator": NAMES[generator], "device": device}
            for name, found in hits.items():
                share = 100.0 * float(np.mean(found))
                out.append(Measurement("detected", share, "%", len(found), seeds, {**where, "artefact": name}))
            rate = Measurement(
                "false flags", false / minutes, "/min", round(minutes), seeds, {**where, "artefact": "none"}
            )
            out.append(rate)
    return out


def _session(generator: Generator, seed: int, device: str) -> list[Entry]:
    """One recording with a channel for each kind of artefact and two without."""
    drive = trapezoids(TOTAL_S, dict.fromkeys(REPS_S, LEVEL), 0.3)
    columns = []
    for number, name in enumerate(PLACES):
        made = muscle(drive, generator, 20 * seed + number, mvic_uv=MVIC_UV)
        rng = np.random.default_rng([seed, 51, number])
        plateau_uv = float(made.envelope_uv[round(9.0 * GRID_HZ)])
        samples_uv = made.samples_uv + noise(len(made.samples_uv), NOISE_UV, rng)
        amplifier = DEVICES[device]
        if name in KINDS:
            samples_uv = KINDS[name].spoil(samples_uv, plateau_uv, seed)
        if name == "cut off at 1.2 SD":
            amplifier = replace(amplifier, full_scale_uv=1.2 * plateau_uv, bits=12)
        columns.append(digitise(samples_uv, GRID_HZ, amplifier).samples_uv)
    return _entries(np.stack(columns, axis=1), device, tuple(PLACES.values()))


def _entries(samples: Array, device: str, places: tuple[str, ...]) -> list[Entry]:
    plan = Plan()
    plan.rest(*REST_S)
    return entries_of(plan, Emg(samples, DEVICES[device].rate_hz, places))


def _lossy(generator: Generator, seed: int, device: str) -> tuple[list[bool], list[QualityChanged]]:
    """Return what is told of three holes of 0.3 s, and of the same recording without them."""
    made = muscle(trapezoids(TOTAL_S, dict.fromkeys(REPS_S, LEVEL), 0.3), generator, 20 * seed + 15, mvic_uv=MVIC_UV)
    samples_uv = made.samples_uv + noise(len(made.samples_uv), NOISE_UV, np.random.default_rng([seed, 53]))
    place = "gluteus_maximus/left"
    entries = _entries(digitise(samples_uv, GRID_HZ, DEVICES[device]).samples_uv[:, None], device, (place,))
    holes_s = [(start_s, start_s + 0.3) for start_s, _stop in EPISODES_S]
    kept = [entry for entry in entries if not _in_hole(entry, holes_s)]
    lossy = _changes(kept).get(place, [])
    return [_is_told(lossy, hole, frozenset({"DROP"})) for hole in holes_s], _changes(entries).get(place, [])


def _bridged(generator: Generator, seed: int, device: str) -> bool:
    """Whether gel between glutes and hamstrings is told of either."""
    drive = trapezoids(TOTAL_S, dict.fromkeys(REPS_S, LEVEL), 0.3)
    own = [muscle(drive, generator, 20 * seed + 16 + k, mvic_uv=MVIC_UV).samples_uv for k in (0, 1)]
    places = ("gluteus_maximus/left", "biceps_femoris/left")
    columns = []
    for k, samples_uv in enumerate(own):
        rng = np.random.default_rng([seed, 54, k])
        seen_uv = samples_uv + BRIDGE * own[1 - k] + noise(len(samples_uv), NOISE_UV, rng)
        columns.append(digitise(seen_uv, GRID_HZ, DEVICES[device]).samples_uv)
    changes = _changes(_entries(np.stack(columns, axis=1), device, places))
    return any(_is_told(own, AFTER_REST_S[0], frozenset({"XTALK"})) for own in changes.values())


def _in_hole(entry: Entry, holes_s: Spans) -> bool:
    t_s = (entry.host_ns - EPOCH_NS) * 1e-9
    return isinstance(entry, Packet) and entry.device == EMG_DEVICE and any(a < t_s <= b for a, b in holes_s)


def _changes(entries: Sequence[Entry]) -> dict[str, list[QualityChanged]]:
    """Run a session and return its changes of quality by placement."""
    found: dict[str, list[QualityChanged]] = {}
    for _host_ns, event in told(entries)[0]:
        if isinstance(event, QualityChanged):
            found.setdefault(str(event.placement), []).append(event)
    return found


def _is_told(changes: Sequence[QualityChanged], episode: tuple[float, float], codes: frozenset[str]) -> bool:
    """Whether one of the codes is shown at some moment from the beginning of an episode to shortly after it."""
    ends_s = [change.t_s for change in changes[1:]] + [math.inf]
    return bool(changes) and any(
        change.code in codes and change.state != "good" and change.t_s <= episode[1] + LATE_S and end_s > episode[0]
        for change, end_s in zip(changes, ends_s, strict=True)
    )
