"""What the board says that the person is at, for the training page: a word, and what begins or ends when."""

from __future__ import annotations

from math import isfinite

from emgmon.live.marks import Task
from emgmon.live.strings import words
from emgmon.runner.board import RECORDING, View
from emgmon.runner.doing import CHECK, IDLE, LEAD, RECOVER, REFERENCE, REST, SET

WORDS = {LEAD: "cue.ready", REST: "task.rest", REFERENCE: "task.reference", RECOVER: "cue.REST"}


def task_of(view: View) -> Task | None:
    """Return what the person is at outside a set; None when nothing runs by itself."""
    doing = view.doing
    if view.stage != RECORDING or doing.what in {IDLE, SET, CHECK} or not isfinite(doing.until_s):
        return None
    label = words("hold.starts" if doing.what == LEAD else "task.left")
    return Task(words(WORDS.get(doing.what, "task.other")), label, max(0.0, doing.until_s - view.now_s))
