"""Every word of the History page; part of the table of `emgmon.live.strings`."""

from __future__ import annotations

from collections.abc import Mapping

HISTORY: Mapping[str, str] = {
    "history.none": "No history yet",
    "history.none.how": "After two sessions of one exercise this page shows what changed between them, "
    "and whether the change is larger than the noise of the measurement.",
    "history.reading": "Reading the sessions…",
    "history.trouble": "The sessions cannot be read",
    "history.person": "Person",
    "history.exercise": "Exercise",
    "history.number": "Number",
    "history.chart": "Days of {name}",
    "history.key": "filled dot = outside the grey band   cross = not counted   band = 95 % of the trend",
    "history.band": "too small to tell from measurement error ({reach})",
    "history.simulated": "Simulated: no person wore the sensors. {lead}",
    "history.keys": "Click two dots, or ← → and Space: two days side by side   Esc: back",
    "history.one": "{day}: {value}. Choose a second day.",
    "history.beside": "{first} beside {second}",
    "history.beside.row": "{name}",
    "history.beside.first": "first",
    "history.beside.second": "second",
    "history.beside.change": "change",
    "history.beside.needed": "needed",
    "history.beside.more": "more than error",
    "history.was": "was {value}",
    "history.not_counted": "not counted: {why}",
    "history.why.placement": "electrodes elsewhere",
    "history.why.load": "another weight",
    "history.why.knee": "another knee angle",
}
