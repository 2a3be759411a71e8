"""A chart of one series as SVG: what was reported, the thresholds of both rule sets, and when both had an alert.

Only numbers, and text that Jinja escapes, come into the markup: article text is untrusted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor, log10

from markupsafe import Markup

from streams.core.rules import Rule
from streams.replay.compare import NEVER, Episode
from streams.replay.series import Column

__all__ = ["Drawn", "draw"]

WIDTH, LEFT, RIGHT = 960, 70, 150
TOP, PLOT, LANE, GAP = 12, 230, 16, 8
AXIS = 22
HEIGHT = TOP + PLOT + AXIS + 2 * (LANE + GAP) + 4
INSIDE = WIDTH - LEFT - RIGHT
SHADES = ("#e9c46a", "#e07b39", "#b3261e")
"""Of levels, from the mildest to the gravest."""
LABEL_STEP = 12
THINNEST = 2.5


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one chart shows. A rule is None where the set does not have it."""

    columns: Sequence[Column]
    old_rule: Rule | None
    new_rule: Rule | None
    old: Sequence[Episode]
    new: Sequence[Episode]


@dataclass(frozen=True, slots=True)
class _Scale:
    start: datetime
    end: datetime
    top: float

    def x(self, moment: datetime) -> float:
        share = (min(max(moment, self.start), self.end) - self.start) / (self.end - self.start)
        return round(LEFT + share * INSIDE, 1)

    def y(self, value: float) -> float:
        return round(TOP + PLOT * (1 - min(max(value, 0.0), self.top) / self.top), 1)


def draw(drawn: Drawn) -> Markup:
    """The chart as an <svg> element."""
    scale = _scale(drawn)
    parts = [*_grid(scale), *_figures(scale, drawn.columns), *_thresholds(scale, drawn)]
    first = TOP + PLOT + AXIS
    parts += _lane(scale, "old", first, drawn.old, drawn.old_rule)
    parts += _lane(scale, "new", first + LANE + GAP, drawn.new, drawn.new_rule)
    return Markup('<svg viewBox="0 0 {} {}" role="img">{}</svg>').format(WIDTH, HEIGHT, Markup("").join(parts))


def _scale(drawn: Drawn) -> _Scale:
    episodes = (*drawn.old, *drawn.new)
    moments = [column.start for column in drawn.columns] + [column.end for column in drawn.columns]
    moments += [mark.at for episode in episodes for mark in (*episode.steps, *((episode.end,) if episode.end else ()))]
    start, end = min(moments, default=datetime(1970, 1, 1, tzinfo=UTC)), max(moments, default=datetime(1970, 1, 2, tzinfo=UTC))
    room = max((end - start) / 50, timedelta(hours=12))
    limits = [float(level.at) for rule in (drawn.old_rule, drawn.new_rule) if rule for level in rule.when.levels]
    highs = sorted(column.high for column in drawn.columns)
    # A few wild figures must not flatten the others and the thresholds: what is beyond is drawn at the upper edge.
    tall = min(highs[-1], 4 * max(highs[len(highs) // 2], *limits, 1.0)) if highs else 0.0
    return _Scale(start - room, end + room, 1.08 * max(tall, *limits, 1.0))


def _grid(scale: _Scale) -> Iterator[Markup]:
    step = _round(scale.top / 5)
    value = 0.0
    while value <= scale.top:
        y = scale.y(value)
        yield Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(LEFT, LEFT + INSIDE, y, y)
        yield Markup('<text class="tick" text-anchor="end" x="{}" y="{}">{}</text>').format(LEFT - 6, y + 4, f"{value:,.10g}")
        value += step
    for number in range(7):
        moment = scale.start + (scale.end - scale.start) * number / 6
        label = f"{moment:%Y-%m-%d}" if scale.end - scale.start > timedelta(days=7) else f"{moment:%m-%d %H:%M}"
        yield Markup('<text class="tick" text-anchor="middle" x="{}" y="{}">{}</text>').format(scale.x(moment), TOP + PLOT + 15, label)


def _round(step: float) -> float:
    """The next of 1, 2, 5 and their multiples by ten."""
    base = 10.0 ** floor(log10(step))
    return next(base * factor for factor in (1, 2, 5, 10) if base * factor >= step)


def _figures(scale: _Scale, columns: Sequence[Column]) -> Iterator[Markup]:
    for column in columns:
        x = scale.x(column.start)
        wide = max(THINNEST, scale.x(column.end) - x)
        top, bottom = scale.y(column.high), scale.y(column.low)
        told = f"{column.start:%Y-%m-%d %H:%M}: {column.low:,.10g} to {column.high:,.10g}{' and more' if column.open else ''}"
        told += f", {column.figures:,} figures" if column.figures > 1 else ""
        yield Markup('<rect class="band" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>').format(
            round(x - wide / 2, 1), top, wide, max(1.0, round(bottom - top, 1)), told
        )
        if column.open:
            yield Markup('<path class="open" d="M{} {}l4 -6l4 6z"/>').format(round(x - 4, 1), max(TOP + 6.0, top))
        if column.point is not None:
            yield Markup('<circle class="point" cx="{}" cy="{}" r="2"/>').format(x, scale.y(column.point))


def _thresholds(scale: _Scale, drawn: Drawn) -> Iterator[Markup]:
    sides = (("old", drawn.old_rule), ("new", drawn.new_rule))
    lines = [(scale.y(float(level.at)), name, level) for name, rule in sides if rule for level in rule.when.levels]
    lines.sort(key=lambda line: line[:2])
    for (y, name, level), label_y in zip(lines, _apart([y + 4 for y, *_ in lines]), strict=True):
        yield Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(name, LEFT, LEFT + INSIDE, y, y)
        back = scale.y(float(level.back))
        if back != y:
            yield Markup('<line class="{} reset" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(name, LEFT, LEFT + INSIDE, back, back)
        label = f"{name}: {level.level[:16]} {float(level.at):,.10g}"
        yield Markup('<text class="limit {}" x="{}" y="{}">{}</text>').format(name, LEFT + INSIDE + 6, label_y, label)


def _apart(places: list[float]) -> list[float]:
    """Places of labels, from above, so that none covers another or leaves the plot."""
    below = 0.0
    for number, place in enumerate(places):
        below = places[number] = max(place, below + LABEL_STEP)
    above = TOP + PLOT + float(LABEL_STEP)
    for number in reversed(range(len(places))):
        above = places[number] = min(places[number], above - LABEL_STEP)
    return places


def _lane(scale: _Scale, name: str, y: int, episodes: Iterable[Episode], rule: Rule | None) -> Iterator[Markup]:
    """When there was an alert, shaded by its level."""
    yield Markup('<text class="lane" text-anchor="end" x="{}" y="{}">{}</text>').format(LEFT - 6, y + 12, name)
    yield Markup('<rect class="lane" x="{}" y="{}" width="{}" height="{}"/>').format(LEFT, y, INSIDE, LANE)
    levels = [level.level for level in rule.when.levels] if rule else []
    for episode in episodes:
        ends = [mark.at for mark in episode.steps[1:]] + [episode.until]
        for mark, end in zip(episode.steps, ends, strict=True):
            x = scale.x(mark.at)
            shade = _shade(levels, mark.level)
            until = "still open" if end == NEVER else f"until {end:%Y-%m-%d %H:%M}"
            told = f"{mark.level or mark.transition} from {mark.at:%Y-%m-%d %H:%M} {until}: {mark.value}. {mark.sentence}"
            yield Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"><title>{}</title></rect>').format(
                x, y, max(THINNEST, round(scale.x(end) - x, 1)), LANE, shade, told
            )


def _shade(levels: Sequence[str], level: str | None) -> str:
    """The gravest level always has the last shade; those before it are spread over the others."""
    before = len(levels) - 1 - levels.index(level) if level in levels else 0
    step = (len(SHADES) - 1) / max(1, len(levels) - 1)
    return SHADES[round(len(SHADES) - 1 - before * step)]
