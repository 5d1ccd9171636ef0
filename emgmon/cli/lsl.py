"""``emgmon lsl``: take streams of Lab Streaming Layer as sensors, and send what emgmon finds."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from emgmon import __version__
from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import Interrupt, damage_said, narrate, say, show
from emgmon.devices.imported import DESCRIPTION
from emgmon.errors import DeviceNotFound, EmgmonError
from emgmon.exercise.catalogue import packaged
from emgmon.model import Entry, Mark, Packet
from emgmon.pipeline import Pipeline
from emgmon.runner import paced
from emgmon.runner import run as run_entries
from emgmon.runner.placing import Places, parse_option
from emgmon.sources.lsl import Inlet, LslStream, entries_of, heard, placed
from emgmon.sources.lsl_outlets import Outlets
from emgmon.storage.recorder import Recorder
from emgmon.storage.recording import read_recording


def listing(options: argparse.Namespace) -> int:
    """``emgmon lsl list``."""
    found = heard(options.wait)
    if not found:
        raise DeviceNotFound(f"No stream was heard within {options.wait:g} s; is its sender running, in this network?")
    for item in found:
        use = item.quantity or "not analysed"
        rate = f"{item.fs_hz:g} Hz" if item.fs_hz else "events"
        print(f"{item.name}  {item.kind or '-'}, {item.channels} channels, {rate}, from {item.host}: {use}")
        for label, unit in zip(item.labels, item.units, strict=True):
            if label or unit:
                print(f"    {label or '-'}  {unit}")
    return DONE


def record(options: argparse.Namespace) -> int:
    """``emgmon lsl record``: one set from streams, recorded and understood while it runs."""
    exercises = packaged()
    if options.exercise not in exercises:
        raise EmgmonError(f"There is no exercise {options.exercise!r}; 'emgmon exercises' lists them.")
    inlets = _chosen(heard(options.wait), dict(map(parse_option, options.place)))
    say(f"{len(inlets)} streams: {', '.join(inlet.stream.name for inlet in inlets)}. Ctrl-C ends the set.")
    pipeline, stop = Pipeline(), threading.Event()
    started = datetime.now(UTC).isoformat(timespec="seconds")
    header = {"program": f"emgmon {__version__}", "source": "Lab Streaming Layer", "started_utc": started}

    with Recorder(options.out) as recorder, Interrupt(stop):

        def take(entry: Entry) -> None:
            recorder.append(entry)
            narrate(pipeline.feed(entry))

        take(Mark(time.monotonic_ns(), "session", header))
        take(Mark(time.monotonic_ns(), "exercise", exercises[options.exercise].table()))
        asyncio.run(_one_set(inlets, take, stop, options))
        narrate(pipeline.close())
    show(pipeline.summary(), as_json=options.json)
    say(f"recording  {options.out}")
    return DONE


async def _one_set(
    inlets: Sequence[Inlet], take: Callable[[Entry], None], stop: threading.Event, options: argparse.Namespace
) -> None:
    """From the first samples on: rest, then the set, until `stop` or the time that was asked for."""
    began_s = math.inf
    steps = [(0.0, "baseline_start"), (options.rest, "baseline_stop"), (options.rest, "set_start")]
    if not options.rest:
        del steps[:2]
    async with contextlib.aclosing(entries_of(inlets)) as entries:
        async for entry in entries:
            take(entry)
            if isinstance(entry, Packet) and entry.port != DESCRIPTION:
                began_s = min(began_s, time.monotonic())
            length_s = time.monotonic() - began_s
            while steps and length_s >= steps[0][0]:
                kind = steps.pop(0)[1]
                take(Mark(time.monotonic_ns(), kind, {"exercise": options.exercise} if kind == "set_start" else {}))
                say(f"{length_s:7.1f} s  {kind.replace('_', ' ')}")
            if stop.is_set() or (options.seconds and length_s > options.seconds):
                break
    if not steps:
        take(Mark(time.monotonic_ns(), "set_stop", {}))


def send(options: argparse.Namespace) -> int:
    """``emgmon lsl send RECORDING``: what a session found, at the pace at which it found it."""
    recording, stop = read_recording(options.recording), threading.Event()
    outlets = Outlets()
    say("Sending; other programs see streams whose names begin with 'emgmon'. Ctrl-C ends it.")
    with Interrupt(stop):
        run_entries(paced(recording, options.speed, stop), Pipeline(), outlets)
    return INCOMPLETE if damage_said(recording) else DONE


def _chosen(found: list[LslStream], places: Mapping[str, Places]) -> list[Inlet]:
    """Choose the streams that are placed, by option or by their labels."""
    names = {item.name for item in found}
    for name in places:
        if name not in names:
            there = ", ".join(sorted(names)) or "none"
            raise DeviceNotFound(f"{name}: no such stream was heard; there are: {there}.")
    chosen = []
    for item in found:
        if item.quantity and any(where := placed(item, places.get(item.name))):
            chosen.append(Inlet(item, where, time.monotonic_ns))
        elif item.name in places:
            raise DeviceNotFound(
                f"{item.name}: its kind ({item.kind or 'none'}, {item.channels} channels) is not analysed."
            )
    if not chosen:
        raise DeviceNotFound(
            "No stream that was heard is placed: say --place 'NAME=muscle/side,…' ('emgmon lsl list')."
        )
    return chosen
