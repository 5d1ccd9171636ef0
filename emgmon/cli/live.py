"""``emgmon live``: a session with real sensors, in a window or in the terminal."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import platformdirs

from emgmon.cli import DONE
from emgmon.cli.console import Interrupt, narrate, say, show
from emgmon.cli.exercises import catalogue_of
from emgmon.cli.files import report_path, write_report
from emgmon.cli.keys import HELP, Keys, pressed
from emgmon.cli.phone import phone_of
from emgmon.cli.scan import radio_of
from emgmon.errors import CatalogueError
from emgmon.exercise.catalogue import Exercise
from emgmon.live import Bridge, heard, run_window, seen, settings_of, why_no_window
from emgmon.model import Event, SessionSummary
from emgmon.pipeline import Pipeline
from emgmon.report.summary import NO_WEEKS
from emgmon.runner.attended import Attended
from emgmon.runner.board import Board
from emgmon.runner.listening import Plan
from emgmon.runner.placing import Places, parse_option, read_places
from emgmon.runner.script import play, read_script
from emgmon.sources.ble import Radio
from emgmon.sources.lsl import library
from emgmon.storage.recorder import Recorder

MEMORY = "placements.toml"
TITLE = "emgmon"
Sink = Callable[[Sequence[Event]], None]


class LiveSession:
    """One session of this command: where it is recorded, and what came of it.

    Parameters
    ----------
    options : argparse.Namespace
    headless : bool
        There is nobody who could be asked for placements.

    Attributes
    ----------
    board : Board
    path : Path or None
        Of the recording; None while there is none.
    summary : SessionSummary or None
    kept : str
        What became of it in the store of sessions.
    """

    def __init__(self, options: argparse.Namespace, *, headless: bool) -> None:
        self.options, self.headless = options, headless
        self.board = Board()
        self.path: Path | None = None
        self.summary: SessionSummary | None = None
        self.kept = ""
        self._pipeline: Pipeline | None = None
        self.catalogue = _catalogue(options)
        self.memory = options.place_file or platformdirs.user_config_path("emgmon") / MEMORY
        self.places: dict[str, Places] = read_places(self.memory) | dict(map(parse_option, options.place))
        if options.lsl is not None:
            library()  # says so at once where it is not installed
        self.script = read_script(options.script) if options.script else []

    def run(self, sink: Sink, stop: threading.Event, anew: Callable[[], None]) -> None:
        """Run the session to its end; recording and report are kept however it ends, once there is one."""
        try:
            asyncio.run(self._run(sink, stop, anew))
        finally:
            if self._pipeline is not None and self.path is not None:
                self._keep(self._pipeline, self.path)

    def _keep(self, pipeline: Pipeline, path: Path) -> None:
        """Remember the session, and write its report."""
        from emgmon.cli.compare import weeks_of_recording  # noqa: PLC0415 - a database only when it is needed
        from emgmon.cli.remembering import remember  # noqa: PLC0415

        self.summary = pipeline.summary()
        self.kept = remember(path, self.summary, self.options, raised=bool(pipeline.accepted))
        weeks = NO_WEEKS if self.options.no_store else weeks_of_recording(path, self.options.store)
        write_report(report_path(path), self.summary, recording=path, weeks=weeks)

    async def _run(self, sink: Sink, stop: threading.Event, anew: Callable[[], None]) -> None:
        async with _radio(self.options) as (radio, header):
            attended = Attended(self._plan(radio, header), self.board, sink, self._recording, anew)
            playing = asyncio.create_task(play(self.script, self.board, radio.clock_ns))
            try:
                await attended.run(stop)
            finally:
                self._pipeline = attended.pipeline
                playing.cancel()
                await asyncio.gather(playing, return_exceptions=True)

    def _plan(self, radio: Radio, header: Mapping[str, Any]) -> Plan:
        options = self.options
        return Plan(
            radio,
            header,
            self.catalogue,
            options.exercise,
            options.reps,
            self.places,
            self.memory,
            by_itself=self.headless,
            streams=None if options.lsl is None else tuple(options.lsl),
            scan_s=options.seconds if self.headless else min(options.seconds, 2.0),
        )

    @contextlib.contextmanager
    def _recording(self) -> Iterator[Callable[[Any], None]]:
        folder = self.options.out or platformdirs.user_documents_path() / "emgmon"
        path = free_path(folder, f"{datetime.now().astimezone():%Y-%m-%d_%H%M%S}")
        with Recorder(path) as recorder:
            self.path = path
            yield recorder.append


def run(options: argparse.Namespace) -> int:
    """Run a session in a window, or without one."""
    reason = "" if options.headless else why_no_window()
    if reason:
        say(f"No window: {reason}. Going on without one.")
    headless = bool(options.headless or reason)
    session = LiveSession(options, headless=headless)
    if headless:
        _in_terminal(session)
    else:
        _in_window(session)
    if session.path is None or session.summary is None:
        say("Nothing was recorded.")
        return DONE
    show(session.summary, as_json=options.json)
    say(f"recording  {session.path}")
    say(f"report     {report_path(session.path)}")
    say(session.kept)
    return DONE


def _in_terminal(session: LiveSession) -> None:
    say(f"Listening for {session.options.seconds:g} s …")
    if not session.script and sys.stdin and sys.stdin.isatty():
        say(HELP)
    keys = Keys(session.board, list(session.catalogue.values()), _print)
    stop = threading.Event()
    options = session.options
    sound = settings_of(options.sound, options.volume, fade=options.fade, windowed=False)
    phone = phone_of(options)
    with Interrupt(stop), pressed(keys), heard(narrate, sound, say) as told, seen(told, phone, TITLE, say) as sink:
        session.run(sink, stop, lambda: None)


def _in_window(session: LiveSession) -> None:
    def work(bridge: Bridge, stop: threading.Event) -> None:
        session.run(bridge.push, stop, bridge.begin_anew)
        if session.path is not None:
            bridge.finish(str(report_path(session.path)), f"Recording: {session.path}", str(session.path))
        else:
            bridge.finish(None, "Nothing was recorded.")

    options = session.options
    run_window(
        work,
        title=TITLE,
        theme=options.theme,
        exit_when_done=options.exit_when_done,
        sound=settings_of(options.sound, options.volume, fade=options.fade, windowed=True),
        board=session.board,
        catalogue=session.catalogue,
        store=options.store,
        phone=phone_of(options),
    )


def _catalogue(options: argparse.Namespace) -> Mapping[str, Exercise]:
    known = catalogue_of(options.catalogue)
    if options.exercise not in known:
        raise CatalogueError(f"No exercise is called {options.exercise!r}; there are {', '.join(known)}.")
    return known


@contextlib.asynccontextmanager
async def _radio(options: argparse.Namespace) -> AsyncIterator[tuple[Radio, dict[str, Any]]]:
    """Open the system's Bluetooth or another process's virtual radio, with what a recording says of it."""
    if not options.radio:
        source = "sensors over Bluetooth" + (", streams of LSL" if options.lsl is not None else "")
        yield radio_of(options.adapter), {"source": source, "simulated": False}
        return
    from emgmon.cli.simulate import plugged_in  # noqa: PLC0415 - the simulator loads only when needed

    async with plugged_in(options.radio) as radio:
        yield radio, {"source": f"simulated sensors at {options.radio}", "simulated": True}


def _print(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)


def free_path(folder: Path, name: str) -> Path:
    """First name in the folder that neither a recording nor an unfinished one has."""
    number = 1
    while True:
        path = folder / f"{name}{'' if number == 1 else f'-{number}'}.mcap"
        if not path.exists() and not path.with_suffix(".part.mcap").exists():
            return path
        number += 1
