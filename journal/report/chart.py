"""A bar chart as SVG text: rejections over time. Pure; no script, no font, no link."""

from __future__ import annotations

from datetime import datetime

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 960, 220, 60, 30, 12
_GAP_FROM = 4.0


def bar_chart(series: list[tuple[datetime, int]], title: str) -> str:
    """Return an SVG element with a bar for each (begin, count); ``title`` must be escaped."""
    if not series:
        return "<p>No rejections.</p>"
    largest = max(count for _, count in series) or 1
    width = (_WIDTH - _LEFT) / len(series)
    floor = _HEIGHT - _BOTTOM
    bars = []
    for place, (begin, count) in enumerate(series):
        if count:
            height = max(1.0, (floor - _TOP) * count / largest)
            gap = 1.0 if width >= _GAP_FROM else 0.0
            bars.append(
                f'<rect x="{_LEFT + place * width:.1f}" y="{floor - height:.1f}" '
                f'width="{width - gap:.1f}" height="{height:.1f}">'
                f"<title>{_time(begin)}: {count}</title></rect>"
            )
    axis = (
        f'<path d="M{_LEFT} {_TOP}V{floor}H{_WIDTH}" class="axis"/>'
        f'<text x="{_LEFT - 6}" y="{_TOP + 10}" text-anchor="end">{largest}</text>'
        f'<text x="{_LEFT - 6}" y="{floor}" text-anchor="end">0</text>'
        f'<text x="{_LEFT}" y="{_HEIGHT - 8}">{_time(series[0][0])}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT - 8}" text-anchor="end">{_time(series[-1][0])}</text>'
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">'
        f"{axis}{''.join(bars)}</svg>"
    )


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%MZ")
