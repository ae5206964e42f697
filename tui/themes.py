"""How the colours of a 5250 are painted: themes. Pure; names and numbers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tui.display import Attr, Colour

#: What a terminal shows where no colour is asked for.
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Paint:
    """How one cell is painted.

    Attributes:
        colour: ``#rrggbb``, one of the eight ANSI names, or ``default``.
    """

    colour: str
    bold: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Theme:
    """A paint for each colour of a 5250, on one background.

    Attributes:
        text: what the palette says of it.
        native: paints with the colours that the user gave the terminal, not with its own.
    """

    name: str
    text: str
    paints: Mapping[Colour, Paint]
    background: str
    native: bool = False

    def paint(self, attr: Attr) -> Paint:
        """Return how a cell with these attributes is painted."""
        return self.paints[attr.colour]


def _plain(colours: Mapping[Colour, str], *, bold: frozenset[Colour]) -> Mapping[Colour, Paint]:
    return MappingProxyType({c: Paint(value, c in bold) for c, value in colours.items()})


_EMPHASIS = frozenset({Colour.WHITE, Colour.RED, Colour.PINK, Colour.YELLOW})

#: As emulators show them (tn5250j's values); plain ANSI blue cannot be read on black.
IBM5250 = Theme(
    "ibm5250",
    "Green on black, as the device",
    _plain(
        {
            Colour.GREEN: "#00ff00",
            Colour.WHITE: "#ffffff",
            Colour.RED: "#ff0000",
            Colour.TURQUOISE: "#00f0ff",
            Colour.YELLOW: "#ffff00",
            Colour.PINK: "#ff00ff",
            Colour.BLUE: "#8c78ff",
        },
        bold=frozenset(),
    ),
    "#000000",
)

#: What colours would tell apart is bold, underlined or reversed.
MONO = Theme(
    "mono",
    "White on black, high contrast",
    _plain(dict.fromkeys(Colour, "#ffffff"), bold=_EMPHASIS),
    "#000000",
)

#: Bright white would vanish on a light background, so what is white is bold instead.
ANSI = Theme(
    "ansi",
    "The colours of your terminal",
    _plain(
        {
            Colour.GREEN: "green",
            Colour.WHITE: DEFAULT,
            Colour.RED: "red",
            Colour.TURQUOISE: "cyan",
            Colour.YELLOW: "yellow",
            Colour.PINK: "magenta",
            Colour.BLUE: "blue",
        },
        bold=_EMPHASIS,
    ),
    DEFAULT,
    native=True,
)

THEMES: Mapping[str, Theme] = MappingProxyType({t.name: t for t in (IBM5250, MONO, ANSI)})


def theme_for(name: str | None, *, no_color: bool) -> Theme:
    """Return the theme that was asked for; without one, ``mono`` where colours are unwanted.

    Args:
        name: of one of :data:`THEMES`, or ``None``.
        no_color: whether the environment asks for none (the NO_COLOR convention).
    """
    if name is not None:
        return THEMES[name]
    return MONO if no_color else IBM5250
