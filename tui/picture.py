"""A display as a picture: SVG with every glyph in its cell.

Exports of terminal libraries drop runs of blanks, so that empty underlined fields vanish; here
each underline is a line of its own. Some renderers heed only the first of a list of x positions,
so texts are cut into short pieces, in a font size whose glyphs are as wide as a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from tui.display import Attr, Display
from tui.themes import IBM5250

_BACKGROUND = IBM5250.background

_WIDTH, _HEIGHT, _MARGIN = 9, 18, 9
_FONT_SIZE = 15  # glyphs of a monospace font are 0.6 em wide: 9
_FONTS = "IBM Plex Mono,DejaVu Sans Mono,Menlo,Consolas,monospace"
_PIECE = re.compile(r"\S{1,8}")
# What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg(display: Display) -> str:
    """Return the display as an SVG document, its cursor a bar under its cell."""
    width = display.columns * _WIDTH + 2 * _MARGIN
    height = display.rows * _HEIGHT + 2 * _MARGIN
    body = [part for row in range(1, display.rows + 1) for part in _row(display, row)]
    left, top = (display.column - 1) * _WIDTH, display.row * _HEIGHT - 3
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" font-family="{_FONTS}"'
            f' font-size="{_FONT_SIZE}">',
            f'<rect width="{width}" height="{height}" rx="6" fill="{_BACKGROUND}"/>',
            f'<g transform="translate({_MARGIN} {_MARGIN})">',
            *body,
            f'<rect x="{left}" y="{top}" width="{_WIDTH}" height="3" fill="#ffffff"/>',
            "</g>",
            "</svg>",
            "",
        )
    )


def _row(display: Display, row: int) -> Iterator[str]:
    column = 0
    for text, attr in display.runs(row):
        yield from _run(text, attr, column, row)
        column += len(text)


def _run(text: str, attr: Attr, column: int, row: int) -> Iterator[str]:
    left, bottom = column * _WIDTH, row * _HEIGHT
    width, colour = len(text) * _WIDTH, IBM5250.paint(attr).colour
    if attr.reverse:
        yield (
            f'<rect x="{left}" y="{bottom - _HEIGHT}" width="{width}" height="{_HEIGHT}"'
            f' fill="{colour}"/>'
        )
    for piece in _PIECE.finditer(_NOT_XML.sub(" ", text)):
        first = column + piece.start()
        xs = " ".join(str((first + i) * _WIDTH) for i in range(len(piece.group())))
        fill = _BACKGROUND if attr.reverse else colour
        yield f'<text x="{xs}" y="{bottom - 5}" fill="{fill}">{escape(piece.group())}</text>'
    if attr.underline:
        yield f'<path d="M{left} {bottom - 1.5}h{width}" stroke="{colour}"/>'
