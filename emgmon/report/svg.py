"""Shapes of an inline SVG, written as text: nothing is fetched, nothing runs, and user text is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from markupsafe import Markup, escape

COLOURS = {"G": "#007A87", "H": "#B25E00", "E": "#7A2BD0"}
INK, SECOND, FAINT, LINE, PALE, LOST = "#101820", "#46586A", "#75879A", "#D3DCE5", "#EBF0F5", "#C4183C"

DASHES = {"G": "", "H": "4 1.6", "E": "1.4 1.6"}
"""Glutes solid, hamstrings dashed, back dotted: hue is never alone."""

FILLS = {"G": COLOURS["G"], "H": "url(#stripes)", "E": "url(#dots)"}
"""Fill of a group's area; the two patterns are those of `PATTERNS`."""

PATTERNS = Markup(
    '<svg class="defs" width="0" height="0" aria-hidden="true"><defs>'
    '<pattern id="stripes" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">'
    '<rect width="5" height="5" fill="#B25E00"/><rect width="1.6" height="5" fill="#FFF" fill-opacity=".45"/>'
    '</pattern><pattern id="dots" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<rect width="5" height="5" fill="#7A2BD0"/><circle cx="2.5" cy="2.5" r="1" fill="#FFF" fill-opacity=".55"/>'
    "</pattern></defs></svg>"
)

Point = tuple[float, float]


def _n(value: float) -> str:
    """Return a coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def polyline(points: Iterable[Point]) -> str:
    """Return path data through the points."""
    numbers = [number for point in points for number in point]
    text = "L".join(["%.1f,%.1f"] * (len(numbers) // 2)) % tuple(numbers)
    return "M" + text.replace(".0,", ",").replace(".0L", "L").removesuffix(".0")


@dataclass(slots=True)
class Drawing:
    """A figure that grows shape by shape; lengths are in px of the figure's own `width` and `height`."""

    width: float
    height: float
    label: str
    parts: list[str] = field(default_factory=list)

    def line(self, start: Point, stop: Point, colour: str = LINE, width: float = 1.0, dash: str = "") -> None:
        """Draw a straight line."""
        (x1, y1), (x2, y2) = start, stop
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{colour}" '
            f'stroke-width="{width}"{dashes}/>'
        )

    def box(self, corner: Point, size: Point, fill: str, *, opacity: float = 1.0, title: str = "") -> None:
        """Fill a rectangle from its upper left corner; `title` is shown when the pointer rests on it."""
        (x, y), (width, height) = corner, size
        shine = f' fill-opacity="{opacity}"' if opacity < 1 else ""
        shape = (
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(0.0, width))}" height="{_n(max(0.0, height))}" '
            f'fill="{fill}"{shine}'
        )
        self.parts.append(f"{shape}><title>{escape(title)}</title></rect>" if title else f"{shape}/>")

    def path(self, data: str, colour: str, width: float = 1.5, dash: str = "") -> None:
        """Draw an open path."""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<path d="{data}" stroke="{colour}" stroke-width="{width}" fill="none" stroke-linejoin="round"{dashes}/>'
        )

    def area(self, data: str, fill: str, opacity: float) -> None:
        """Fill a closed path."""
        self.parts.append(f'<path d="{data}Z" fill="{fill}" fill-opacity="{opacity}"/>')

    def text(
        self,
        at: Point,
        text: str,
        *,
        size: float = 10.0,
        colour: str = SECOND,
        anchor: str = "start",
        weight: int = 400,
    ) -> None:
        """Write text on a baseline."""
        self.parts.append(
            f'<text x="{_n(at[0])}" y="{_n(at[1])}" font-size="{_n(size)}" fill="{colour}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(text)}</text>'
        )

    def mark(self, at: Point, kind: str, colour: str, *, radius: float = 4.4, title: str = "") -> None:
        """Draw a ``disc``, ``triangle``, ``square``, hollow ``ring`` or ``cross`` around a point."""
        x, y, r = at[0], at[1], radius
        edge = 'stroke="#FFF" stroke-width="1"'
        shape, fill = {
            "disc": (f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}"', f'fill="{colour}" {edge}'),
            "ring": (
                f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}"',
                f'fill="#FFF" stroke="{colour}" stroke-width="1.5"',
            ),
            "triangle": (
                f'<path d="M{_n(x)},{_n(y - r)}l{_n(r)},{_n(1.8 * r)}h{_n(-2 * r)}z"',
                f'fill="{colour}" {edge}',
            ),
            "square": (
                f'<rect x="{_n(x - 0.85 * r)}" y="{_n(y - 0.85 * r)}" width="{_n(1.7 * r)}" height="{_n(1.7 * r)}"',
                f'fill="{colour}" {edge}',
            ),
            "cross": (
                f'<path d="M{_n(x - r)},{_n(y - r)}l{_n(2 * r)},{_n(2 * r)}m0,{_n(-2 * r)}l{_n(-2 * r)},{_n(2 * r)}"',
                f'fill="none" stroke="{colour}" stroke-width="1.6"',
            ),
        }[kind]
        name = shape[1:].partition(" ")[0]
        tip = f"><title>{escape(title)}</title></{name}>" if title else "/>"
        self.parts.append(f"{shape} {fill}{tip}")

    def end(self) -> Markup:
        """Return the figure."""
        head = f'<svg viewBox="0 0 {_n(self.width)} {_n(self.height)}" role="img" aria-label="{escape(self.label)}">'
        return Markup(head + "".join(self.parts) + "</svg>")  # noqa: S704 - text was escaped as it came in


def icon(kind: str, colour: str) -> Markup:
    """Return a small mark for a line of text; ``line`` with a dash pattern of `DASHES` for the key of the curves."""
    drawing = Drawing(10, 10, kind)
    drawing.mark((5, 5), kind, colour, radius=4.2)
    return Markup(str(drawing.end()).replace("<svg ", '<svg class="icon" ', 1))  # noqa: S704 - our own shapes


def line_icon(group: str) -> Markup:
    """Return a piece of a group's line for the key of the curves."""
    drawing = Drawing(26, 10, "line")
    drawing.line((0, 5), (26, 5), COLOURS[group], 2.4 if group == "G" else 2.0, DASHES[group])
    return Markup(str(drawing.end()).replace("<svg ", '<svg class="icon long" ', 1))  # noqa: S704 - our own shapes
