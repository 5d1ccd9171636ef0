"""From the skin to the painted bar and to the sound, in real time, against the simulator's truth.

``python benchmarks/delay.py``: the wearer holds a bridge and steps up the drive of both glutes in it, several times.
When the noise-free envelope at the electrode is half way up is the truth; when the bar on the training screen is half
way (its pixels are counted), and when the rendered tone is half way to its new pitch, are the answers. As a rep begins
both glutes go from rest to 15 % of a maximum: the answer is the first sample of the sound "glute on". Six simulated
sensors of 1000 Hz in packets of 25 ms, links of 15 ms interval (arrivals as the simulator has them), recorder,
pipeline, bridge, window offscreen, miniaudio's null device where there is no card.

Not in it: what a screen and a sound card hold themselves (a card up to four blocks of 10 ms), and the system's own
Bluetooth stack. ``--json`` prints numbers. Linux.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from paced import StampedBridge, deliver, entries_of, hush_qt, script_ns
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

import firmware_sim
from emgmon.live import session
from emgmon.live.cues_sound import Sound
from emgmon.live.sound import Player, SoundSettings, open_playback
from emgmon.live.synth import FS_HZ as SOUND_HZ
from emgmon.live.theme import DARK
from emgmon.live.training import TrainingScreen
from emgmon.model import Event, Frame
from emgmon.runner.live import Taking
from emgmon.storage.recorder import Recorder
from firmware_sim import faults, physiology
from firmware_sim.wearer import DRIVE_HZ, RELAXED, Script

EMG_HZ = 1000
LOW, HIGH, OTHERS = 0.15, 0.60, 0.20
"""Drive of the glutes before and after a step, and of all else, as fractions of a maximum."""
HOLD_S, FIRST_S, STEP_S = 6.4, 1.4, 1.4
"""Length of a hold, when its first step comes, and time from one step (up or down) to the next."""
BEFORE_S, AFTER_S = 0.9, 1.2
"""What is looked at around a step; the levels are those of its first third of a second and of its last."""
OWN_REPS = 2
"""The tone is judged in these only: later ones have a target, and its chord and waver hide the pitch."""
BARS = {"left": (0.06, 0.42), "right": (0.58, 0.94)}
BAR_ROWS = (0.805, 0.855)
"""Where the glutes' bars are, as shares of the training screen."""
AIM_MS = {"skin_to_pixel": (200.0, 300.0), "skin_to_tone": (200.0, 300.0), "skin_to_glute_on": (120.0, 180.0)}
"""Median and 95th percentile; of the last only the median is asked for."""


def stepped(reps: int, seed: int) -> tuple[Script, list[float]]:
    """Make a script whose glutes step up twice in each hold; returns it and the times of the steps."""
    script = firmware_sim.bridges(reps, seed=seed, takeover=False, hold_s=(HOLD_S, HOLD_S + 0.01))
    rng = np.random.default_rng(seed)
    time_s = np.arange(next(iter(script.drive.values())).size) / DRIVE_HZ
    in_set = time_s > script.reps[0].start_s - 1.0
    glute = np.full(time_s.size, RELAXED)
    others = np.full(time_s.size, RELAXED)
    steps = []
    for rep in script.reps:
        working = (time_s >= rep.start_s) & (time_s < rep.end_s)
        glute[working], others[working] = LOW, OTHERS
        for k in range(2):
            up_s = rep.top_s + FIRST_S + 2 * k * STEP_S + float(rng.uniform(-0.1, 0.1))
            glute[(time_s >= up_s) & (time_s < up_s + STEP_S)] = HIGH
            steps.append(up_s)
    drive = {
        site: np.where(in_set, glute if site[0] == "gluteus_maximus" else others, before)
        for site, before in script.drive.items()
    }
    return replace(script, drive=drive), steps


class LinkWatch:
    """Remembers how long each packet took from its last sample to the host's program."""

    def __init__(self) -> None:
        self.took_s: list[float] = []
        arrival_s = faults.Timing.arrival_s

        def watched(timing: Any, sent_s: float) -> float:
            arrived_s = arrival_s(timing, sent_s)
            self.took_s.append(arrived_s - sent_s)
            return arrived_s

        faults.Timing.arrival_s = watched  # type: ignore[method-assign]


class Eye:
    """Counts the pixels of the glutes' bars after each painting."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, float, float]] = []
        colour = np.uint32(QColor(DARK.glutes).rgb())
        before = TrainingScreen.paintEvent

        def paintEvent(screen: TrainingScreen, event: Any) -> None:  # noqa: N802 - Qt's name
            before(screen, event)
            self.seen.append((time.perf_counter(), *_lengths(screen, colour)))

        TrainingScreen.paintEvent = paintEvent  # type: ignore[method-assign]

    def of(self, side: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the times of all paintings, and the length of one bar in them, as a share of its longest."""
        times_s, left, right = np.array(self.seen).T
        return times_s, left if side == "left" else right


def _lengths(screen: TrainingScreen, colour: np.uint32) -> list[float]:
    picture = screen.window().backingStore().paintDevice()
    assert isinstance(picture, QImage)
    lines = np.frombuffer(picture.constBits(), np.uint32).reshape(picture.height(), picture.bytesPerLine() // 4)
    corner = screen.mapTo(screen.window(), screen.rect().topLeft())
    high, wide = screen.height(), screen.width()
    rows = slice(corner.y() + round(BAR_ROWS[0] * high), corner.y() + round(BAR_ROWS[1] * high))
    found = []
    for first, last in BARS.values():
        part = lines[rows, corner.x() + round(first * wide) : corner.x() + round(last * wide)] & 0xFFFFFF
        found.append(float((part == (colour & 0xFFFFFF)).mean()))
    return found


class Ear:
    """Keeps what a player renders, with the moment at which it was asked for."""

    def __init__(self, player: Player) -> None:
        self.blocks: list[tuple[float, np.ndarray]] = []
        render = player.render

        def heard(n_frames: int) -> np.ndarray:
            at_s = time.perf_counter()
            samples = render(n_frames)
            self.blocks.append((at_s, samples))
            return samples

        player.render = heard  # type: ignore[method-assign]
        self.glute_on_s: list[float] = []
        play = player._synth.play  # noqa: SLF001 - the samples of several sounds are mixed

        def played(sound: Sound) -> None:
            play(sound)
            if sound is Sound.GLUTE_ON:  # it begins after what was made too much last time
                self.glute_on_s.append(time.perf_counter() + len(player._synth._rest) / SOUND_HZ)  # noqa: SLF001

        player._synth.play = played  # type: ignore[method-assign]  # noqa: SLF001

    def glute_on_after_s(self, skin_s: float) -> float:
        """When "glute on" was first heard, from a little before the glute began; NaN for never."""
        later = [at_s for at_s in self.glute_on_s if skin_s - 0.2 < at_s < skin_s + AFTER_S]
        return later[0] if later else float("nan")

    def pitch(self) -> tuple[np.ndarray, np.ndarray]:
        """Return times, and the rate of zero crossings over 20 ms around each, as a measure of pitch; 0 in silence."""
        signal = np.concatenate([samples.sum(axis=1) for _, samples in self.blocks])
        times_s = np.concatenate([at_s + np.arange(len(out)) / SOUND_HZ for at_s, out in self.blocks])
        crosses = np.r_[0, np.diff(np.signbit(signal).astype(int)) != 0].astype(float)
        width = round(0.02 * SOUND_HZ)
        rate_hz = np.convolve(crosses, np.ones(width) / width, "same") * SOUND_HZ / 2
        every = SOUND_HZ // 200
        return times_s[::every], rate_hz[::every]


def half_way_s(times_s: np.ndarray, values: np.ndarray, near_s: float) -> float:
    """When a step that happens around `near_s` is half way for the first time; NaN where nothing steps."""
    inside = (times_s > near_s - BEFORE_S) & (times_s < near_s + AFTER_S)
    at_s, seen = times_s[inside], values[inside]
    before = np.median(seen[at_s < near_s - BEFORE_S + 0.35]) if seen.size else np.nan
    after = np.median(seen[at_s > near_s + AFTER_S - 0.35]) if seen.size else np.nan
    if not after > 1.2 * before:
        return float("nan")
    later = np.flatnonzero((seen > (before + after) / 2) & (at_s > near_s))
    return float(at_s[later[0]]) if later.size else float("nan")


def quantiles(values_ms: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and number of what was found."""
    found = np.array([value for value in values_ms if np.isfinite(value)])
    return {
        "median_ms": float(np.median(found)),
        "p95_ms": float(np.percentile(found, 95)),
        "found": float(found.size),
        "of": float(len(values_ms)),
    }


def run(reps: int, seed: int) -> dict[str, Any]:
    """Play the script once; returns delays by stage."""
    script, steps_s = stepped(reps, seed)
    links = LinkWatch()
    six = [unit.name for unit in firmware_sim.KITS["emgmon"]]
    entries = list(entries_of(script, EMG_HZ, seed=seed, sensors=six))
    from_ns = script_ns(script.reps[0].start_s - 2.0)
    ages_s: list[float] = []
    bridge, began = StampedBridge(), threading.Event()
    epoch_ns = entries[0].host_ns

    def sink(events: Sequence[Event]) -> None:
        bridge.push(events)
        now_s = time.perf_counter() - bridge.due_s
        frames = [event.t_s for event in events if isinstance(event, Frame)]
        if frames and began.is_set():
            ages_s.append((entry_ns[0] - epoch_ns) * 1e-9 + now_s - frames[-1])

    entry_ns = [0]

    def work(_bridge: Any, stop: threading.Event) -> None:
        with tempfile.TemporaryDirectory() as folder, Recorder(Path(folder) / "b.mcap") as recorder:
            taking = Taking(recorder.append, sink)

            def take(entry: Any) -> None:
                entry_ns[0] = entry.host_ns
                if entry.host_ns >= from_ns:
                    began.set()
                taking.take(entry)

            asyncio.run(deliver(entries, take, bridge, stop, from_ns))
            taking.check()

    eye = Eye()
    made = session.Session(
        work, title="benchmark", recording=True, theme="dark", exit_when_done=True, sound=SoundSettings("full", 1.0)
    )
    assert made.player is not None
    made.player._open = lambda samples, _null: open_playback(samples, null=True)  # noqa: SLF001 - no card is needed
    ear = Ear(made.player)
    made.bridge = made.window.bridge = bridge
    bridge._also = made.player.push  # noqa: SLF001 - as the session's own bridge has it
    made.window.resize(1920, 1080)
    made.window.show_page("Train")
    made.run()
    zero_s = bridge.due_s - entry_ns[0] * 1e-9  # what is added to host time to get this clock
    return judged(script, steps_s, seed, zero_s, eye, ear, links, ages_s)


def judged(
    script: Script,
    steps_s: list[float],
    seed: int,
    zero_s: float,
    eye: Eye,
    ear: Ear,
    links: LinkWatch,
    ages_s: list[float],
) -> dict[str, Any]:
    """Hold what was seen and heard against the truth."""
    drive, bars, tones = [], [], []
    pitch = ear.pitch()
    without_target_s = script.reps[min(OWN_REPS, len(script.reps)) - 1].end_s
    for side in BARS:
        truth = physiology.body_signals(script, ("gluteus_maximus", side), seed=seed).truth
        truth_s = np.arange(truth.envelope_uv.size) / truth.rate_hz
        seen = eye.of(side)
        for step_s in steps_s:
            skin_s = half_way_s(truth_s, truth.envelope_uv, step_s)
            skin_here_s = zero_s + script_ns(skin_s) * 1e-9
            drive.append(1e3 * (skin_s - step_s))
            bars.append(1e3 * (half_way_s(*seen, skin_here_s) - skin_here_s))
            if side == "left" and step_s < without_target_s:
                tones.append(1e3 * (half_way_s(*pitch, skin_here_s) - skin_here_s))
    truth = physiology.body_signals(script, ("gluteus_maximus", "left"), seed=seed).truth
    truth_s = np.arange(truth.envelope_uv.size) / truth.rate_hz
    began = [half_way_s(truth_s, truth.envelope_uv, rep.start_s) for rep in script.reps]
    began_here = [zero_s + script_ns(skin_s) * 1e-9 for skin_s in began]
    took_ms = 1e3 * np.array(links.took_s)
    paints_s = np.diff([at_s for at_s, *_ in eye.seen])
    return {
        "drive_to_skin": quantiles(drive),
        "last_sample_to_host": quantiles(took_ms.tolist()),
        "age_of_a_frame_when_told": quantiles([1e3 * age for age in ages_s]),
        "between_paintings": quantiles((1e3 * paints_s).tolist()),
        "skin_to_pixel": quantiles(bars),
        "skin_to_tone": quantiles(tones),
        "skin_to_glute_on": quantiles([1e3 * (ear.glute_on_after_s(at_s) - at_s) for at_s in began_here]),
    }


def missed(found: dict[str, Any]) -> list[str]:
    """Say which aims were missed; a step that was not found is missed as well."""
    said = []
    for name, (median_ms, p95_ms) in AIM_MS.items():
        row = found[name]
        if row["found"] < row["of"]:
            said.append(f"{name}: {row['found']:.0f} of {row['of']:.0f} steps were found")
        if row["median_ms"] > median_ms or row["p95_ms"] > p95_ms:
            said.append(f"{name}: wanted at most {median_ms:.0f} and {p95_ms:.0f} ms")
    return said


def measure(reps: int, seed: int = 1) -> dict[str, Any]:
    """Play the script in the window; returns delays by stage."""
    hush_qt()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    found = run(reps, seed)
    application.processEvents()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reps", type=int, default=10, help="holds, each of about 11 s with two steps (default 10)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true", help="fail where an aim is missed")
    options = parser.parse_args()
    found = measure(options.reps, options.seed)
    if options.json:
        print(json.dumps(found, indent=1))
    else:
        for name, row in found.items():
            share = f"{row['found']:.0f} of {row['of']:.0f}"
            print(f"{name}: median {row['median_ms']:.0f} ms, p95 {row['p95_ms']:.0f} ms ({share})")
    said = missed(found) if options.check else []
    print("\n".join(said), end="\n" if said else "")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
