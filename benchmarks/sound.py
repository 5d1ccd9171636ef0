"""Cost and delay of the sound, with miniaudio's null device in real time: ``python benchmarks/sound.py``.

The delay runs from the push of a frame to the moment at which the device asked for the block in which the change is
heard, plus the change's place in that block. What a real card holds is not in it: up to four blocks of 10 ms.
``--json`` prints numbers.
"""

from __future__ import annotations

import argparse
import json
import platform
import threading
import time
from dataclasses import replace

import numpy as np

from emgmon.live.cues_sound import Sound, Tone
from emgmon.live.sound import PERIOD_MS, PERIODS, Player, SoundSettings, open_playback
from emgmon.live.synth import FS_HZ, TONE_LEVEL, Synth
from emgmon.model import CueWord, Frame, Phase, Placement, SetOpened

BLOCK = FS_HZ // 100
GLUTE = Placement("gluteus_maximus", "left")
WORK = Frame(
    0.0,
    {GLUTE: 0.5},
    referenced=True,
    share={"G": 0.5, "H": 0.3, "E": 0.2},
    sdi=0.0,
    baseline_sdi=0.0,
    angle_deg=30.0,
    phase=Phase.CON,
    hold_s=0.0,
    rep=1,
    cue=CueWord.LIFT,
    leader="G",
    kind="T1",
)
REST = replace(WORK, share={}, phase=Phase.REST, cue=CueWord.REST, leader="")
OPENED = SetOpened(0.0, 1, "bridge_2leg", "Glute bridge", 8, (2.0, 4.0), ("G", "H", "E"))


def cpu_ms(blocks: int) -> dict[str, float]:
    """CPU of one block of 10 ms: silence; tone; tone, four sounds over it and a frame each 20 ms."""
    found = {}
    for name in ("silence", "tone", "tone, sounds and frames"):
        synth, player = Synth(), Player(SoundSettings("full"), print)
        synth.set_tone(Tone(440.0, chord=True, waver=0.5, pan=0.2) if name == "tone" else None)
        player.push([OPENED, WORK])
        player.render(BLOCK)
        began_s = time.process_time()
        for k in range(blocks):
            if name != "tone, sounds and frames":
                synth.render(BLOCK)
                continue
            if k % 2 == 0:
                player.push([replace(WORK, t_s=k * 0.01)])
            if k % 30 == 0:
                for sound in (Sound.REP_MET, Sound.SET_END, Sound.PROMPT, Sound.NOTICE):
                    player._synth.play(sound)  # noqa: SLF001 - sounds without the events that lead to them
            player.render(BLOCK)
        found[name] = (time.process_time() - began_s) / blocks * 1e3
    return found


def delays_ms(changes: int, load: threading.Event | None) -> dict[str, float]:
    """Delay from the push of a frame to the first and to half of the tone, and how regularly the device asked."""
    asked: list[tuple[float, np.ndarray]] = []
    rng = np.random.default_rng(1)
    player = Player(SoundSettings("full", 1.0), print, lambda samples, _null: open_playback(samples, null=True))
    render = player.render

    def noted(n_frames: int) -> np.ndarray:
        at_s = time.perf_counter()
        samples = render(n_frames)
        asked.append((at_s, samples))
        return samples

    player.render = noted
    pushes, first_ms, half_ms = [], [], []
    busy = threading.Thread(target=_busy, args=(load,)) if load else None
    if busy:
        busy.start()
    with player:
        player.push([OPENED, REST])
        player._listener.take = _quiet(player._listener.take)  # noqa: SLF001 - the tone alone
        for k in range(changes):
            player.push([replace(REST, t_s=float(k))])
            time.sleep(0.30 + float(rng.uniform(0, 0.02)))
            pushes.append(time.perf_counter())
            player.push([replace(WORK, t_s=k + 0.5)])
            time.sleep(0.2)
    if busy and load:
        load.set()
        busy.join()
    for pushed_s in pushes:
        after = [(at_s, out) for at_s, out in asked if pushed_s - 0.0005 < at_s < pushed_s + 0.2]
        times_s = np.concatenate([at_s + np.arange(len(out)) / FS_HZ for at_s, out in after])
        size = np.abs(np.concatenate([out[:, 0] for _, out in after]))
        for part, into in ((0.02, first_ms), (0.5, half_ms)):
            into.append((times_s[size > part * 0.5 * TONE_LEVEL][0] - pushed_s) * 1e3)
    gaps_ms = np.diff([at_s for at_s, _ in asked[5:]]) * 1e3
    return {
        "first, median": float(np.median(first_ms)),
        "first, p95": float(np.percentile(first_ms, 95)),
        "half as loud, median": float(np.median(half_ms)),
        "half as loud, p95": float(np.percentile(half_ms, 95)),
        "between requests, p99": float(np.percentile(gaps_ms, 99)),
        "between requests, most": float(gaps_ms.max()),
        "changes": len(pushes),
    }


def push_us(calls: int) -> float:
    """Return what the analysis waits when it leaves a frame, while a device plays."""
    with Player(SoundSettings("full"), print, lambda samples, _null: open_playback(samples, null=True)) as player:
        began_s = time.perf_counter()
        for _ in range(calls):
            player.push([WORK])
        return (time.perf_counter() - began_s) / calls * 1e6


def _quiet(take):
    def quiet(event):
        take(event)
        return ()

    return quiet


def _busy(end: threading.Event) -> None:
    """Hold the interpreter as an analysis does that never rests."""
    numbers = np.random.default_rng(0).normal(size=2000)
    while not end.is_set():
        sum(float(value) for value in np.sort(numbers)[:500])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--changes", type=int, default=60, help="frames whose delay is measured (default 60)")
    options = parser.parse_args()
    found = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "block_ms": PERIOD_MS,
        "blocks_held": PERIODS,
        "cpu_ms_of_a_block": cpu_ms(3000),
        "push_us": push_us(20_000),
        "delay_ms": delays_ms(options.changes, None),
        "delay_ms_beside_a_busy_thread": delays_ms(options.changes, threading.Event()),
    }
    if options.json:
        print(json.dumps(found, indent=1))
        return
    for name, value in found.items():
        if isinstance(value, dict):
            print(f"{name}: " + "; ".join(f"{k} {v:.2f}" for k, v in value.items()))
        else:
            print(f"{name}: {value if not isinstance(value, float) else round(value, 2)}")


if __name__ == "__main__":
    main()
