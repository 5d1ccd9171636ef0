"""Single keys of a terminal as commands of a live session; a question takes a line."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator

from emgmon.exercise.catalogue import Exercise
from emgmon.runner.board import Board
from emgmon.runner.doing import IDLE

HELP = (
    "Keys: r rest, g/h/b/d reference of glutes, hamstrings, back, glute medius, e next exercise, "
    "s start or stop a set, x it hurts: stop, p pain, t tension after a set, n note, c cancel, "
    "i identify the sensors, q finish, ? this"
)
GROUPS = {"g": "G", "h": "H", "b": "E", "d": "D"}
WORDS = {"r": "rest", "x": "hurts", "c": "cancel", "q": "finish"}
LINES = {
    "p": ("pain", "Pain now, from 0 (none) to 10; add 'surgery' after a recent one: "),
    "t": ("tension", "Tension in the hamstrings after this set, from 0 (none) to 10: "),
    "n": ("note", "Note: "),
}
POLL_S = 0.2


class Keys:
    """What each key does; feed it one character at a time.

    Parameters
    ----------
    board : Board
    exercises : sequence of Exercise
        In the order in which ``e`` goes through them.
    say : callable
        Prints text as it is.
    """

    def __init__(self, board: Board, exercises: list[Exercise], say: Callable[[str], None]) -> None:
        self.board, self.exercises = board, exercises
        self._say = say
        self._word = self._line = ""
        self._actions: dict[str, Callable[[], None]] = {
            "s": self._start_or_stop,
            "e": self._next_exercise,
            "i": self._identify,
            "?": lambda: say(HELP + "\n"),
        }

    def press(self, key: str) -> None:
        """Take one key."""
        if self._word:
            self._type(key)
        elif key in LINES:
            self._ask(*LINES[key])
        elif key in GROUPS and self.board.view.pain is None:
            self._ask(*LINES["p"])
        elif key in GROUPS:
            self.board.tell("reference", GROUPS[key])
        elif key in WORDS:
            self.board.tell(WORDS[key])
            if key == "x":
                self._ask(*LINES["p"])
        elif key in self._actions:
            self._actions[key]()

    def _start_or_stop(self) -> None:
        self.board.tell("set" if self.board.view.doing.what == IDLE else "stop")

    def _next_exercise(self) -> None:
        names = [item.id for item in self.exercises]
        at = names.index(self.board.view.exercise) if self.board.view.exercise in names else -1
        self.board.tell("exercise", names[(at + 1) % len(names)])

    def _identify(self) -> None:
        for name in sorted(self.board.view.can_identify):
            self.board.tell("identify", name)

    def _ask(self, word: str, question: str) -> None:
        self._word, self._line = word, ""
        self._say(question)

    def _type(self, key: str) -> None:
        if key in "\r\n":
            self._say("\n")
            self.board.tell(self._word, self._line)
            self._word = ""
        elif key == "\x1b":
            self._say(" (left out)\n")
            self._word = ""
        elif key in "\b\x7f":
            self._line = self._line[:-1]
            self._say("\b \b")
        elif key.isprintable():
            self._line += key
            self._say(key)


@contextlib.contextmanager
def pressed(keys: Keys) -> Iterator[None]:
    """Hand each key of the terminal to `keys` while the block runs; nothing where stdin is no terminal."""
    if not sys.stdin or not sys.stdin.isatty():
        yield
        return
    over = threading.Event()
    with _unbuffered():
        thread = threading.Thread(target=_read, args=(keys, over), name="emgmon-keys", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(2 * POLL_S)


if sys.platform == "win32":
    import msvcrt

    @contextlib.contextmanager
    def _unbuffered() -> Iterator[None]:
        yield

    def _read(keys: Keys, over: threading.Event) -> None:
        while not over.wait(0.02):
            while msvcrt.kbhit():
                keys.press(msvcrt.getwch())

else:
    import select
    import termios
    import tty

    @contextlib.contextmanager
    def _unbuffered() -> Iterator[None]:
        """Let the terminal hand out each key at once; given back however the block is left."""
        number = sys.stdin.fileno()
        before = termios.tcgetattr(number)
        tty.setcbreak(number)
        try:
            yield
        finally:
            termios.tcsetattr(number, termios.TCSADRAIN, before)

    def _read(keys: Keys, over: threading.Event) -> None:
        while not over.is_set():
            ready, _, _ = select.select([sys.stdin], [], [], POLL_S)
            if ready:
                key = sys.stdin.read(1)
                if not key:
                    return
                keys.press(key)
