"""Every word that the window shows, by a short name: one table, so that it can be translated in one place.

A sentence of another room (a notice of the runner, a remedy, the title of an exercise) comes as it is from there.
"""

from __future__ import annotations

from collections.abc import Mapping

from emgmon.live.history_words import HISTORY
from emgmon.live.prepare_words import PREPARE
from emgmon.live.review_words import REVIEW
from emgmon.live.signals_words import SIGNALS

ENGLISH: Mapping[str, str] = {
    **HISTORY,
    **PREPARE,
    **REVIEW,
    **SIGNALS,
    # the training screen
    "cue.REST": "REST",
    "cue.LIFT": "LIFT",
    "cue.HOLD": "HOLD",
    "cue.LOWER": "LOWER",
    "cue.MORE GLUTE": "MORE GLUTE",
    "cue.EASE BACK": "EASE BACK",
    "cue.ready": "GET READY",
    "cue.connecting": "CONNECTING",
    "cue.done": "DONE",
    "cue.next_rep": "NEXT REP",
    "cue.next_set": "NEXT SET",
    "cue.stay": "STAY",
    "cue.switch": "SWITCH",
    "ring.share": "GLUTE SHARE",
    "ring.last": "LAST REP",
    "ring.not_worn": "{group} NOT WORN",
    "ring.relative": "VS FIRST REPS",
    "ring.first": "FIRST REPS",
    "ring.same": "SAME",
    "ring.time_left": "TIME LEFT",
    "ring.no_reference": "no reference",
    "ring.light_reference": "light reference",
    "ring.concealed": "shown after the rep",
    "ring.lost": "no signal: {sensors}",
    "ring.little": "too little to tell",
    "hold.hold": "HOLD",
    "hold.time": "TIME",
    "hold.starts": "STARTS IN",
    "hold.next_rep": "NEXT REP IN",
    "hold.next_set": "NEXT SET IN",
    "hold.rest": "REST",
    "phase.lift": "LIFT",
    "phase.hold": "HOLD",
    "phase.lower": "LOWER",
    "phase.rest": "REST",
    "bars.G": "GLUTES",
    "bars.H": "HAMS",
    "bars.E": "BACK",
    "bars.left": "L",
    "bars.right": "R",
    "bars.not_worn": "not worn",
    "bars.no_signal": "NO SIGNAL",
    "reps.rep": "REP",
    "reps.on_target": "{met} of {judged} on target",
    "reps.first": "first reps set your mark",
    "top.set": "set {set}",
    "top.set_of": "set {set} of {sets}",
    "top.reconnecting": "{sensors} reconnecting",
    "feedback.faded": "every second rep",
    "feedback.after": "after each rep",
    "spoken.rep": "rep {rep}{target}",
    # the strip below the pages
    "do.rest": "Rest (R)",
    "do.set": "Start set (S)",
    "do.stop": "Stop (S)",
    "do.hurts": "It hurts: stop (X)",
    "do.ask": "Pain (P)",
    "do.note": "Note (N)",
    "do.note.how": "Note, then Enter",
    "do.finish": "Finish (F)",
    "do.exercise": "Exercise",
    "said.ready": "Ready",
    "said.first": "First lie still: press R",
    "said.lead": "{title}: starts in {seconds} s",
    "said.time": "{title}: {seconds} s",
    "ask.pain": "Pain now?",
    "ask.tension": "Tension in the hamstrings?",
    "ask.none": "0 none",
    "ask.number": "{number}",
    "ask.worst": "10 worst",
    "ask.surgery": "recent surgery",
    "ask.leave": "Not now",
    # what the person is at outside a set
    "task.rest": "LIE STILL",
    "task.reference": "SQUEEZE",
    "task.other": "AS SHOWN",
    "task.left": "TIME LEFT",
    # keys
    "keys.title": "Keys",
    "keys.hint": "F1 keys",
    "keys.pages": "pages",
    "keys.full": "training page on the whole screen",
    "keys.outside": "training page on another screen",
    "keys.feedback": "feedback: live, every second rep, after each rep",
    "keys.sound": "sound on and off",
    "keys.theme": "dark and light",
    "keys.open": "open a recording",
    "keys.pause": "pause the signals",
    "keys.close": "close",
    "keys.set": "start a set, end it",
    "keys.hurts": "it hurts: stop at once",
    "keys.pain": "say how much it hurts",
    "keys.rest": "lie still",
    "keys.references": "reference: glutes, hamstrings, back, glute medius",
    "keys.note": "write a note",
    "keys.cancel": "cancel",
    "keys.finish": "finish the session",
    "keys.answer": "answer a question",
    "feedback.said": "Feedback: {way}.",
    "feedback.live": "live",
    "outside.title": "emgmon: training",
    # the window
    "window.saving": "saving…",
    "window.done": "Session done",
    "window.stopped": "The session stopped",
    "window.really": "The session is being recorded. Finish it and close? What was recorded is kept.",
    # the end of a session
    "end.report": "Open the report",
    "end.review": "Review the recording",
    "end.set": "{exercise}, set {set}: {reps}",
    "end.rep": "{count} rep",
    "end.reps": "{count} reps",
    "end.share": ", glute share {first} % then {last} % (first, second half)",
    # pages and header
    "page.sensors": "Sensors",
    "page.calibrate": "Calibrate",
    "page.train": "Train",
    "page.signals": "Signals",
    "page.review": "Review",
    "page.history": "History",
}


def words(key: str, **values: object) -> str:
    """Return the text of one name in the person's language, with `values` filled in."""
    text = ENGLISH[key]
    return text.format(**values) if values else text
