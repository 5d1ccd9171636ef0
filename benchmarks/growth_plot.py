"""Draws what `growth` found: three small plots of logarithms, with what linear growth would be in grey."""

from __future__ import annotations

import math
from html import escape
from typing import Any, NamedTuple

WIDTH, HEIGHT = 280, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 24, 34, 40
INK, PALE, GRID = "#333333", "#8a8a8a", "#dddddd"
COLOURS = ("#0072b2", "#d55e00")
STYLE = f"text{{font:11px system-ui,sans-serif;fill:{INK}}} .pale{{fill:{PALE}}} .title{{font-weight:600}}"


class Line(NamedTuple):
    """One line: its name, and its points."""

    name: str
    points: list[tuple[float, float]]


class Panel(NamedTuple):
    """One plot; `linear` draws the line of slope 1 through the last point of the first line."""

    title: str
    x_title: str
    lines: list[Line]
    names: dict[float, str]
    linear: bool


def svg(found: dict[str, Any]) -> str:
    """Return the picture as text."""

    def line(name: str, ladder: str, x: str, y: str, scale: float = 1.0) -> Line:
        return Line(name, [(point[x], max(scale * point[y], 1e-6)) for point in found[ladder]])

    lengths = {60.0: "1 min", 600.0: "10 min", 3600.0: "1 h", 36000.0: "10 h"}
    sessions = {1.0: "1", 100.0: "100", 1e4: "10,000"}
    panels = [
        Panel("Analysis, CPU s", "sensors", [line("one set", "channels", "channels", "cpu_s")],
              {float(n): str(n) for n in (1, 2, 4, 8, 16)}, linear=True),
        Panel("Analysis, CPU s", "length, 2 sensors", [line("", "lengths", "seconds", "cpu_s")], lengths, linear=True),
        Panel("Store, CPU ms", "sessions in it",
              [line("one person's index", "sessions", "sessions", "read_s", 1e3),
               line("storing one more", "sessions", "sessions", "put_s", 1e3)], sessions, linear=False),
    ]  # fmt: skip
    body = "".join(f'<g transform="translate({k * WIDTH} 0)">{_drawn(panel)}</g>' for k, panel in enumerate(panels))
    wide = WIDTH * len(panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {HEIGHT}" width="{wide}" height="{HEIGHT}" '
        f'role="img"><title>How cost grows</title><style>{STYLE}</style>'
        f'<rect width="{wide}" height="{HEIGHT}" fill="#ffffff"/>{body}</svg>\n'
    )


def _drawn(panel: Panel) -> str:
    xs = [x for line in panel.lines for x, _ in line.points] + list(panel.names)
    ys = [y for line in panel.lines for _, y in line.points]
    low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
    high = max(high, low + 1)
    x_low, x_high = math.log10(min(xs)), math.log10(max(xs))

    def at(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - x_low) / (x_high - x_low)
        up = (math.log10(y) - low) / (high - low)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    parts = [f'<text class="title" x="{LEFT}" y="18">{escape(panel.title)}</text>']
    for power in range(low, high + 1):
        _, y = at(min(xs), 10.0**power)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        parts.append(f'<text class="pale" x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    for value, name in panel.names.items():
        x, y = at(value, 10.0**low)
        parts.append(f'<text class="pale" x="{x:.1f}" y="{y + 15:.1f}" text-anchor="middle">{escape(name)}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(panel.x_title)}</text>')
    if panel.linear:
        parts.append(_linear(panel.lines[0].points, at, 10.0**low))
    for line, colour in zip(panel.lines, COLOURS, strict=False):
        places = [at(x, y) for x, y in line.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
    if len(panel.lines) > 1:
        for k, (line, colour) in enumerate(zip(panel.lines, COLOURS, strict=False)):
            parts.append(
                f'<text x="{LEFT + 8}" y="{TOP + 12 + 14 * k}" style="fill:{colour}">{escape(line.name)}</text>'
            )
    return "".join(parts)


def _linear(points: list[tuple[float, float]], at: Any, least: float) -> str:
    x1, y1 = points[-1]
    x0 = max(points[0][0], x1 * least / y1)
    (a, b), (c, d) = at(x0, y1 * x0 / x1), at(x1, y1)
    line = f'<line x1="{a:.1f}" y1="{b:.1f}" x2="{c:.1f}" y2="{d:.1f}" stroke="{PALE}" stroke-dasharray="4 4"/>'
    return line + f'<text class="pale" x="{LEFT + 8}" y="{TOP + 12}">dashed: linear</text>'
