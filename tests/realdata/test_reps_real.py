"""Repetitions of real people: thigh accelerometers, goniometers, envelopes, phones in pockets, feet.

The figures stand in ``docs/exercises.md``; `python -m pytest -s tests/realdata/test_reps_real.py` prints them.
"""

# ruff: noqa: T201

import json
from collections import Counter

import numpy as np
import pytest

from emgmon.exercise.boundaries import refine
from emgmon.exercise.bursts import find_bursts, find_cycles
from emgmon.exercise.catalogue import packaged
from emgmon.exercise.own import Seen, learn, unlike
from emgmon.exercise.reps import TICK_S, RepFinder, RepSettings
from emgmon.model import Placement, Stream, TimedBlock
from emgmon.pipeline.following import followers
from emgmon.pipeline.motion import ImuTrack

G_MS2 = 9.80665
OTHERS = {"01": "knee rolling", "03": "pelvic tilt", "04": "clam", "05": "press-up", "06": "punch", "07": "bird-dog"}


def load(path):
    with np.load(path) as file:
        data = {key: file[key] for key in file.files}
    return data, json.loads(path.with_suffix(".json").read_text("utf-8"))["annotations"]


def track_of(samples, fs_hz, segment, quantity, side="left"):
    unit = {"imu": "g,dps", "acceleration": "g"}[quantity]
    track = ImuTrack(Stream("x", quantity, unit, fs_hz, (Placement(segment, side),)))
    for first in range(0, len(samples), 50):
        track.add(TimedBlock(track.stream, samples[first : first + 50], first / fs_hz, 1 / fs_hz))
    track.set_rest(0.5)
    return track


def bridges_in(path):
    """What the bridge's own rep finder sees in a thigh accelerometer, live, tick by tick."""
    data, notes = load(path)
    fs_hz = float(data["thigh_fs"])
    track = track_of(data["thigh_data"].astype(float), fs_hz, "thigh", "acceleration")
    (follower,) = followers(packaged()["bridge_2leg"], [track], 0.5, RepSettings())
    found = [rep for k in range(25, int(len(data["thigh_data"]) / fs_hz / TICK_S)) for rep in follower.tick(k * TICK_S)]
    seen = []
    for item in found + follower.close():
        ups = track.ups(np.array([item.rep.start_s, (item.rep.top_s + item.rep.release_s) / 2]))
        seen.append(Seen(ups[0], ups[1], item.range_deg))
    return seen, notes.get("derived", {})


def reps_in(time_s, angle_deg, min_range_deg, first="con", **rules):
    """Feed an angle tick by tick; returns the accepted reps."""
    there = np.isfinite(angle_deg)
    ticks_s = np.arange(time_s[0], time_s[-1], TICK_S)
    course = np.interp(ticks_s, time_s[there], angle_deg[there])
    course -= np.median(course[:25])
    course *= 1.0 if course.max() > -course.min() else -1.0
    finder, reps = RepFinder(min_range_deg, RepSettings(**rules), first), []
    for k, (t_s, value) in enumerate(zip(ticks_s.tolist(), course.tolist(), strict=True)):
        inside_s = finder.feed(t_s, value)
        if inside_s is not None:
            from_k = max(0, int(np.searchsorted(ticks_s, inside_s - 2.0)))
            found = refine(ticks_s[from_k : k + 1], course[from_k : k + 1], inside_s, finder.settings)
            rep = finder.accept(*found) if found else None
            reps += [rep] if rep else []
    return reps


@pytest.fixture(scope="module")
def bridging(realdata):
    return {path.stem[:2]: bridges_in(path) for path in sorted((realdata / "imu_exercise_mex").glob("*_02_1.npz"))}


@pytest.mark.slow
def test_bridges_are_counted_by_a_thigh_accelerometer_alone(bridging):
    inside = [notes["reps_min"] <= len(seen) <= notes["reps_max"] for seen, notes in bridging.values()]
    print(f"bridges: {sum(inside)} of {len(inside)} subjects inside the range")
    assert len(inside) == 15
    assert sum(inside) >= 14


@pytest.mark.slow
def test_held_against_the_persons_own_bridges_other_exercises_are_none(bridging, realdata):
    """Hardly a rep passes for a bridge, and in no recording of another exercise more than a third of them."""
    table = {}
    for name, title in OTHERS.items():
        table[title] = Counter()
        for path in sorted((realdata / "imu_exercise_mex").glob(f"*_{name}_*.npz")):
            own = learn(bridging[path.stem[:2]][0])
            verdicts = Counter(unlike(rep, own) or "bridge" for rep in bridges_in(path)[0])
            assert verdicts["bridge"] <= verdicts.total() // 3
            table[title].update(verdicts)
    table["bridge (the later ones)"] = Counter(
        unlike(rep, learn(seen[:4])) or "bridge" for seen, _notes in bridging.values() for rep in seen[4:]
    )
    for title, verdicts in table.items():
        print(f"{title}: {dict(verdicts)}")
    assert table["bridge (the later ones)"]["bridge"] >= 0.9 * table["bridge (the later ones)"].total()
    assert sum(table[title]["bridge"] for title in OTHERS.values()) <= 5
    assert sum(table[title].total() for title in OTHERS.values()) > 100


def lower_limb(realdata):
    for path in sorted((realdata / "uci_lower_limb").glob("*ing.npz")):
        data, notes = load(path)
        counts = notes["derived"]["repetitions_complete"], notes["derived"]["repetitions_with_cut_ones"]
        yield path.stem, data, counts


def within_one(count, counts):
    return counts[0] - 1 <= count <= counts[1] + 1


@pytest.mark.slow
def test_knee_movements_are_counted_by_the_goniometer(realdata):
    good = []
    for _name, data, counts in lower_limb(realdata):
        angle_deg = data["gon_data"][:, 0].astype(float)
        time_s = np.arange(len(angle_deg)) / float(data["gon_fs"])
        good.append(within_one(len(reps_in(time_s, angle_deg, 15.0, max_s=20.0)), counts))
    print(f"goniometer: {sum(good)} of {len(good)} within one")
    assert len(good) == 18
    assert sum(good) >= 0.95 * len(good)


@pytest.mark.slow
def test_knee_movements_are_counted_by_the_muscles_alone(realdata):
    """Less sure: one in eighteen is missed by more than one."""
    good = []
    for name, data, counts in lower_limb(realdata):
        names, hop = data["emg_names"].tolist(), int(0.02 * float(data["emg_fs"]))
        total = 0.0
        for muscle in ("RF", "VM") if "sitting" in name else ("BF", "ST"):
            raw = data["emg_data"][:, names.index(muscle)].astype(float)
            raw = raw[: len(raw) // hop * hop] - np.median(raw)
            power = np.convolve((raw.reshape(-1, hop) ** 2).mean(axis=1), np.ones(6) / 6, "same")
            total = total + np.sqrt(power / power.max())
        time_s = (np.arange(len(total)) + 0.5) * 0.02
        good.append(within_one(len(find_bursts(time_s, total, 0.8, 20.0)), counts))
    print(f"muscles: {sum(good)} of {len(good)} within one")
    assert sum(good) >= 17


@pytest.mark.slow
def test_sitting_down_after_standing_up_is_at_most_one_rep(realdata):
    """A phone in the pocket; between standing up and sitting down the person walks and turns."""
    counts = Counter()
    for path in sorted((realdata / "imu_sit_to_stand").glob("*.npz")):
        data, _notes = load(path)
        time_s, kept = np.unique(data["phone_t"].astype(float), return_index=True)
        even_s = np.arange(time_s[0], time_s[-1], 0.01)
        even = np.column_stack([np.interp(even_s, time_s, column[kept]) for column in data["phone_data"].T])
        even[:, :3] /= G_MS2
        even[:, 3:] = np.degrees(even[:, 3:])
        track = track_of(even, 100.0, "thigh", "imu")
        ticks_s = np.arange(0.5, len(even) / 100.0 - 0.1, TICK_S)
        counts[len(reps_in(ticks_s, track.excursions_deg(ticks_s), 40.0))] += 1
    print(f"sit to stand: {dict(counts)}")
    assert set(counts) <= {0, 1}
    assert counts[1] >= 11


@pytest.mark.slow
def test_strides_are_found_by_a_foot_sensor(realdata):
    data, notes = load(realdata / "imu_gait_foot" / "walk_2x20m.npz")
    hit = 0
    for side in ("left", "right"):
        samples, fs_hz = data[f"foot_{side}_data"].astype(float), float(data[f"foot_{side}_fs"])
        samples[:, :3] /= G_MS2
        track = track_of(samples, fs_hz, "foot", "imu", side)
        ticks_s = np.arange(0.5, len(samples) / fs_hz - 0.1, TICK_S)
        cycles = find_cycles(ticks_s, np.nan_to_num(track.excursions_deg(ticks_s)), 0.7, 2.0)
        hand = [s for s in notes["strides_hand_labelled"] if s["foot"] == side]
        middles_s = [(s["start"] + s["end"]) / 2 / fs_hz for s in hand]
        near = [sum(abs((c.start_s + c.end_s) / 2 - m) < 0.55 for c in cycles) for m in middles_s]
        hit += near.count(1)
        assert abs(len(cycles) - len(hand)) <= 1
    print(f"strides: {hit} of {len(notes['strides_hand_labelled'])}")
    assert hit >= 56


@pytest.mark.slow
@pytest.mark.parametrize("name", ["squat5kg", "stoop15kg"])
def test_lifts_are_counted_by_the_tilt_of_the_pelvis(realdata, name):
    data, notes = load(realdata / "lifting_trunk_envelopes" / f"{name}.npz")
    tilt_deg = np.degrees(data["kin_data"][:, data["kin_names"].tolist().index("pelvis_tilt")].astype(float))
    time_s = data["kin_t"] if "kin_t" in data else np.arange(len(tilt_deg)) / float(data["kin_fs"])
    reps = reps_in(time_s, tilt_deg, 15.0, "ecc")
    lowest_s = notes["derived"]["bends_lowest_pelvis_s"]
    print(f"{name}: {len(reps)} reps, {len(lowest_s)} bends")
    assert abs(len(reps) - len(lowest_s)) <= 1
