"""What a target is, and how one is tried."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from emgmon.errors import EmgmonError

LONGEST_MESSAGE = 4000


class Target(NamedTuple):
    """One reader.

    Attributes
    ----------
    name : str
        Also the beginning of the names of its files in ``tests/corpus``.
    seeds : callable
        Valid inputs.
    run : callable
        From bytes and an empty folder.
    slow : bool
        Whether one run takes long (a process of its own, a whole session).
    """

    name: str
    seeds: Callable[[], list[bytes]]
    run: Callable[[bytes, Path], None]
    slow: bool = False


def tried(target, content, folder):
    """Run a target; returns the refusal, or an empty text. What is not `EmgmonError` in one line comes through."""
    try:
        target.run(content, folder)
    except EmgmonError as error:
        said = str(error)
        if not said or "\n" in said or len(said) > LONGEST_MESSAGE:
            raise AssertionError(f"not one line: {said[:300]!r} ({len(said)} letters)") from error
        return said
    return ""


def random_seeds(more=0):
    """Bytes for targets that take decisions from them; `more` where one in ten gives something valid."""
    rng = random.Random(1)  # noqa: S311
    return [rng.randbytes(size) for size in (8, 24, 80) for _ in range(4)] + [rng.randbytes(80) for _ in range(more)]
