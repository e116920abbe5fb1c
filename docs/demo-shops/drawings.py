"""Pictures of kinds of things, drawn from drawings.txt in a product's colour on a soft ground.

In: the name of a drawing and of a colour, as the specs use them. Out: a small SVG document without text, script or any
reference to another file. It knows no product.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

# A colour's name in the specs -> the word its pictures' files carry, and its hue.
COLOURS = {
    "Moss": ("moss", "#6f8a54"),
    "Sand": ("sand", "#d3b78a"),
    "Rust": ("rust", "#bf5b34"),
    "Slate": ("slate", "#5b6b78"),
    "Sky": ("sky", "#6ca9cf"),
    "Coral": ("coral", "#ee7f6b"),
    "Cream": ("cream", "#efe2c6"),
    "Navy": ("navy", "#2f4a73"),
    "Chestnut": ("chestnut", "#84522f"),
    "奶油白": ("cream", "#efe2c6"),
    "石墨黑": ("graphite", "#474b52"),
    "苔藓绿": ("moss", "#6f8a54"),
    "雾霾蓝": ("haze", "#7f9fba"),
    "樱花粉": ("blossom", "#eba5ad"),
}
DEFAULT_COLOURS = ("Moss", "Slate", "Sand", "Rust", "Sky")
FIXED = {"K": "#34393f", "W": "#fbfaf6", "M": "#a9b1b7", "N": "#a9794a", "A": "#f0b445", "G": "#d3e6ec"}
PAPER = "#f6f2ea"
# A pale thing on its own pale tint would vanish: it gets the tint of another colour.
GROUNDS = {"cream": "#5f8f8c"}
HUES = dict(COLOURS.values())


def file_name(drawing: str, colour: str) -> str:
    """ "p-tent-moss.svg" for a drawing and the name of a colour. Raises KeyError for what cannot be drawn."""
    if drawing not in shapes():
        raise KeyError(f"no drawing called {drawing}: add a line to drawings.txt")
    return f"p-{drawing}-{COLOURS[colour][0]}.svg"


def draw(stem: str) -> str:
    """The SVG document of a picture's file name without its suffix ("p-tent-moss")."""
    _, drawing, colour = stem.split("-")
    hue = HUES[colour]
    fills = FIXED | {"C": hue, "D": mix(hue, "#23262b", 0.28), "L": mix(hue, "#ffffff", 0.38)}
    ground = GROUNDS.get(colour, hue)
    back, halo = mix(ground, PAPER, 0.88), mix(ground, PAPER, 0.68)
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">',
        f'<rect width="200" height="200" fill="{back}"/><circle cx="100" cy="96" r="82" fill="{halo}"/>',
        f'<ellipse cx="100" cy="167" rx="76" ry="9" fill="{mix(halo, "#23262b", 0.16)}"/>',
        '<g stroke-linecap="round" stroke-linejoin="round">',
        *(_shape(shape.strip(), fills) for shape in shapes()[drawing].split(";")),
        "</g></svg>\n",
    ]
    return "".join(parts)


@cache
def shapes() -> dict[str, str]:
    """Every drawing of drawings.txt by its name."""
    lines = (Path(__file__).with_suffix(".txt")).read_text(encoding="utf-8").split("\n")
    return {name: rest for name, _, rest in (line.partition(": ") for line in lines if line and line[0] != "#")}


def mix(one: str, other: str, share: float) -> str:
    """The colour that lies `share` of the way from one to the other."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _shape(text: str, fills: dict[str, str]) -> str:
    kind, fill, *rest = text.split(" ")
    paint = f'fill="{fills[fill]}"'
    if kind == "R":
        x, y, width, height, radius = rest
        return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" {paint}/>'
    if kind == "O":
        x, y, radius = rest
        return f'<circle cx="{x}" cy="{y}" r="{radius}" {paint}/>'
    if kind == "E":
        x, y, across, down = rest
        return f'<ellipse cx="{x}" cy="{y}" rx="{across}" ry="{down}" {paint}/>'
    if kind == "P":
        return f'<path d="{" ".join(rest)}" {paint}/>'
    if kind == "S":
        return f'<path d="{" ".join(rest[1:])}" fill="none" stroke="{fills[fill]}" stroke-width="{rest[0]}"/>'
    raise ValueError(f"no shape {kind!r} in {text!r}")
