"""``emgmon demo``: simulated sensors on a virtual radio, and the real program from the radio on."""

from __future__ import annotations

import argparse
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from emgmon.cli import DONE
from emgmon.cli.console import Interrupt, narrate, say, show
from emgmon.cli.phone import phone_of
from emgmon.errors import DeviceNotFound
from emgmon.live import Bridge, SoundSettings, heard, run_window, seen, settings_of, why_no_window
from emgmon.model import Event, SessionSummary

if TYPE_CHECKING:
    from emgmon.runner.live import Live
    from emgmon.storage.recorder import Recorder

EXERCISE = "bridge_2leg"
USUAL_KIT = "emgmon"
TITLE = "emgmon demo (simulated)"
SHORTEST_PACKET_S, LONGEST_PACKET_S = 0.025, 0.1
Sink = Callable[[Sequence[Event]], None]


@dataclass(slots=True)
class Result:
    """Where everything was put, and what it says."""

    recording: Path
    report: Path
    summary: SessionSummary


def run(options: argparse.Namespace) -> int:
    """Run the demo in a window, or without one."""
    if options.weeks:
        from emgmon.cli import demo_weeks  # noqa: PLC0415 - a database only when it is needed

        return demo_weeks.run(options)
    if options.device != USUAL_KIT and not _is_kit(options.device):
        return DONE
    folder = options.out or platformdirs.user_documents_path() / "emgmon"
    reason = "" if options.headless else why_no_window()
    if reason:
        say(f"No window: {reason}. Going on without one.")
    windowed = not options.headless and not reason
    sound = settings_of(options.sound, options.volume, fade=options.fade, windowed=windowed)
    if options.speed is None and (windowed or sound.level != "off" or options.phone):
        options.speed = 1.0
    pace = "in virtual time" if options.speed is None else f"at {options.speed:g}x real time"
    say(f"Simulated sensors ({options.device}) on a virtual Bluetooth link; {options.reps} bridges {pace}.")
    if windowed:
        result = _in_window(options, folder, sound)
    else:
        stop = threading.Event()
        phone = phone_of(options)
        with Interrupt(stop), heard(narrate, sound, say) as told, seen(told, phone, TITLE, say) as sink:
            result = _session(options, folder, sink, stop)
    show(result.summary, as_json=options.json)
    say(f"recording  {result.recording}")
    say(f"report     {result.report}")
    return DONE


def _is_kit(wanted: str) -> bool:
    """Say whether there are such sensors; ``list`` names every kit and its sensors, an unknown one is an error."""
    import firmware_sim  # noqa: PLC0415 - see `_session`

    if wanted in firmware_sim.KITS:
        return True
    lines = [f"{name:12} {', '.join(unit.name for unit in units)}" for name, units in firmware_sim.KITS.items()]
    if wanted == "list":
        print("\n".join(lines))
        return False
    raise DeviceNotFound(f"No simulated sensors are named {wanted!r}; there are {', '.join(firmware_sim.KITS)}.")


def _in_window(options: argparse.Namespace, folder: Path, sound: SoundSettings) -> Result:
    results: list[Result] = []

    def work(bridge: Bridge, stop: threading.Event) -> None:
        results.append(_session(options, folder, bridge.push, stop))
        done = results[0]
        bridge.finish(str(done.report), "Simulated data: no person wore the sensors.", str(done.recording))

    leave = options.exit_when_done
    run_window(
        work,
        title=TITLE,
        recording=True,
        theme=options.theme,
        exit_when_done=leave,
        sound=sound,
        phone=phone_of(options),
    )
    return results[0]


def _session(options: argparse.Namespace, folder: Path, sink: Sink, stop: threading.Event) -> Result:
    """Run one session to its end or until `stop`; recording and report are kept either way.

    What it needs is loaded here, beside the window that is seen already.
    """
    from emgmon.cli.files import report_path, write_report  # noqa: PLC0415
    from emgmon.storage.recorder import Recorder  # noqa: PLC0415
    from firmware_sim.virtualtime import run_virtually  # noqa: PLC0415

    path = _free_path(folder, f"{datetime.now().astimezone():%Y-%m-%d_%H%M%S}_demo")
    with Recorder(path) as recorder:
        live = run_virtually(_live(options, recorder, sink, stop), options.speed)
    summary = live.pipeline.summary()
    write_report(report_path(path), summary, recording=path)
    return Result(path, report_path(path), summary)


async def _live(options: argparse.Namespace, recorder: Recorder, sink: Sink, stop: threading.Event) -> Live:
    import firmware_sim  # noqa: PLC0415 - see `_session`, as the others
    from emgmon.devices.base import StreamSettings  # noqa: PLC0415
    from emgmon.exercise.catalogue import packaged  # noqa: PLC0415
    from emgmon.runner.live import Live, Session  # noqa: PLC0415
    from emgmon.sources.ble import Radio  # noqa: PLC0415

    script = firmware_sim.bridges(options.reps, seed=options.seed)
    async with firmware_sim.open_world(script, kit=options.device, seed=options.seed) as world:

        async def person() -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
            world.begin()
            async for cue in world.cues():
                yield cue.kind, cue.data

        session = Session(
            Radio(world.clock_ns, world.client_kwargs, world.scanner_kwargs),
            packaged()[EXERCISE],
            {"source": f"simulated sensors ({options.device}), seed {options.seed}", "simulated": True},
            len(world.sensors),
            StreamSettings(packet_s=_packet_s(options.speed)),
            placements=world.placements,
        )
        live = Live(session, recorder.append, sink)
        await live.run(person, stop)
        return live


def _packet_s(speed: float | None) -> float:
    """Length of packets: short for who looks on, long where nobody waits for them or a computer has to keep up."""
    return LONGEST_PACKET_S if speed is None else min(SHORTEST_PACKET_S * max(speed, 1.0), LONGEST_PACKET_S)


def _free_path(folder: Path, name: str) -> Path:
    """First name in the folder that neither a recording nor an unfinished one has."""
    number = 1
    while True:
        path = folder / f"{name}{'' if number == 1 else f'-{number}'}.mcap"
        if not path.exists() and not path.with_suffix(".part.mcap").exists():
            return path
        number += 1
