"""An event loop whose time does not pass by itself: when nothing is left to do, it is the time of the next timer.

A session of simulated sensors run on it is the same on every machine, however slow or busy: nothing is ever late. It
takes as long as its work takes. Only for worlds that live in one loop altogether; what another thread, process or
radio does has no place in such a time.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

BEGIN_S = 1000.0
"""Time at the loop's beginning: any will do, and the same one gives the same recording."""


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


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Event loop in virtual time."""

    def __init__(self) -> None:
        self._now_s = BEGIN_S
        super().__init__(_Jumping(self._pass))

    def time(self) -> float:
        """Virtual time, s."""
        return self._now_s

    def run_in_executor(self, *_: Any) -> Any:  # type: ignore[override]
        """Refuse: virtual time would not wait for a thread."""
        raise RuntimeError("nothing can be done in a thread while time is virtual")

    def _pass(self, length_s: float) -> None:
        self._now_s += length_s


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in virtual time; as `asyncio.run` otherwise."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)
