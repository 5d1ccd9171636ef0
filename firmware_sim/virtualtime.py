"""An event loop that keeps its own time: a jump to the next timer when nothing is left to do, or a pace that waits.

A session of simulated sensors that jumps is the same on every machine, however slow or busy: nothing is ever late, and
it takes as long as its work takes. With a pace it is for people to watch; on a computer that cannot keep the pace time
slows down, so that being late becomes no property of a sensor. Only for worlds that live in one loop altogether; what
another thread, process or radio does has no place in such a time.
"""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

BEGIN_S = 1000.0
"""Time at the loop's beginning: any will do, and the same one gives the same recording."""

LONGEST_STEP_S = 0.1
"""With a pace: so much of the loop's time passes at most while its callbacks run, or beyond a timer."""


class _Jumping(selectors.DefaultSelector):
    """Waits for no time-out, and tells how long it would have waited."""

    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Give what is ready now; without a time-out nothing is to come from within, so that one waits for a signal."""
        ready = super().select(None if timeout is None else 0)
        if not ready and timeout is not None and timeout > 0:
            self._jump(timeout)
        return ready


class _Paced(selectors.DefaultSelector):
    """Waits as long as the pace demands, and tells how much time passed since it was left, and in it."""

    def __init__(self, jump: Callable[[float], None], speed: float) -> None:
        super().__init__()
        self._jump, self._speed = jump, speed
        self._left_s = time.monotonic()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Give what is ready, or what comes within the time-out."""
        due_s = float("inf") if timeout is None else max(timeout, 0.0)
        busy_s = self._passed_s(LONGEST_STEP_S)
        ready = super().select(None if timeout is None else max(due_s - busy_s, 0.0) / self._speed)
        self._passed_s(max(due_s - busy_s, 0.0) + LONGEST_STEP_S)
        return ready

    def _passed_s(self, most_s: float) -> float:
        now_s = time.monotonic()
        passed_s = min((now_s - self._left_s) * self._speed, most_s)
        self._left_s = now_s
        self._jump(passed_s)
        return passed_s


class OwnTimeLoop(asyncio.SelectorEventLoop):
    """Event loop in a time of its own.

    Parameters
    ----------
    speed : float or None
        Times real time; None jumps.
    """

    def __init__(self, speed: float | None = None) -> None:
        self._now_s = BEGIN_S
        super().__init__(_Jumping(self._pass) if speed is None else _Paced(self._pass, speed))

    def time(self) -> float:
        """Time of the loop, s."""
        return self._now_s

    def run_in_executor(self, *_: Any) -> Any:  # type: ignore[override]
        """Refuse: the loop's time would not wait for a thread."""
        raise RuntimeError("nothing can be done in a thread while time is virtual")

    def _pass(self, length_s: float) -> None:
        self._now_s += length_s


def run_virtually(work: Coroutine[Any, Any, T], speed: float | None = None) -> T:
    """Run a coroutine to its end in a time of its own (`OwnTimeLoop`); as `asyncio.run` otherwise."""
    with asyncio.Runner(loop_factory=lambda: OwnTimeLoop(speed)) as runner:
        return runner.run(work)
