"""Makes the font of the reports anew: ``pip install fonttools brotli; python docs/report_font.py``.

Inter 4.1 from the package ``fontpkg-inter`` (SIL Open Font License), cut down to Latin letters and the signs that
reports use, upright, weights 400 to 750, at its text size: 28 kB instead of 0.9 MB.
"""
# ruff: noqa: INP001 - a script beside the pages

from io import BytesIO
from pathlib import Path

import fontpkg_inter
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

SOURCE = Path(fontpkg_inter.__file__).parent / "files" / "Inter[opsz,wght].ttf"
TARGET = Path(__file__).parents[1] / "emgmon" / "report" / "inter-latin.woff2"
SIGNS = "‐‑‒–—‘’“”•…←↑→↓−≈≠≤≥√▲▼●○■✓✗† ΔμΩσ€"
LETTERS = [*range(0x20, 0x7F), *range(0xA0, 0x180), *map(ord, SIGNS)]


def main() -> None:
    """Write the font file."""
    font = TTFont(SOURCE)
    options = subset.Options(hinting=False, layout_features=["kern", "tnum", "ccmp", "locl", "mark"])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    whole = BytesIO()
    font.save(whole)
    whole.seek(0)
    font = instantiateVariableFont(TTFont(whole), {"opsz": 14, "wght": (400, 750)})
    font.flavor = "woff2"
    font.save(TARGET)


if __name__ == "__main__":
    main()
