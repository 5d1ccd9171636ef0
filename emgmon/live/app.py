"""Starts the work in a thread and the window in front of it, and stops both in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from emgmon.exercise.catalogue import Exercise
from emgmon.live.bridge import Bridge
from emgmon.live.phone import PhoneSettings
from emgmon.live.probe import why_no_window
from emgmon.live.sound import SILENT, SoundSettings
from emgmon.runner.board import Board

__all__ = ["run_window", "why_no_window"]


def run_window(
    work: Callable[[Bridge, threading.Event], None],
    *,
    title: str,
    recording: bool = False,
    theme: str = "dark",
    exit_when_done: bool = False,
    sound: SoundSettings = SILENT,
    board: Board | None = None,
    catalogue: Mapping[str, Exercise] | None = None,
    store: str | None = None,
    phone: PhoneSettings | None = None,
) -> None:
    """Show what `work` pushes until the window is closed; call `why_no_window` before.

    Parameters
    ----------
    work : callable
        ``work(bridge, stop)`` runs in a thread of its own, pushes events, and returns when it is done or soon after
        `stop` is set. It may call ``bridge.finish`` to give what the end card says.
    title : str
        Of the window.
    recording : bool
        Show the sign of a recording.
    theme : str
        ``dark`` or ``light``.
    exit_when_done : bool
        Close the window when the work is done, instead of showing the end card.
    sound : SoundSettings
        What is to be heard.
    board : Board, optional
        Of a session that is conducted in the window.
    catalogue : mapping of str to Exercise, optional
        Exercises that can be chosen there.
    store : str, optional
        Store of the sessions that History shows; the usual one without.
    phone : PhoneSettings, optional
        Whether the training can be seen on a phone from the beginning on, and where.

    Raises
    ------
    Exception
        Whatever `work` raised, after the window was closed.
    KeyboardInterrupt
        The person asked to close, and some seconds later again, before `work` had ended.
    """
    from emgmon.live.session import open_session  # noqa: PLC0415 - Qt only when a window is really opened

    open_session(
        work,
        title=title,
        recording=recording,
        theme=theme,
        exit_when_done=exit_when_done,
        sound=sound,
        board=board,
        catalogue=catalogue,
        store=store,
        phone=phone,
    )
