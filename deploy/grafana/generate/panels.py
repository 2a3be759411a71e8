"""The few kinds of panel that we use. Each says in its description what it shows and what to think of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as looks
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

__all__ = ["SOURCE", "Query", "Section", "bars", "lines", "number", "placed", "rows", "states"]

SOURCE = models.DataSourceRef(type_val="prometheus", uid="prometheus")
"""As provisioning/datasources/prometheus.yaml names it."""
_LAST = common.ReduceDataOptions().calcs(["lastNotNull"])
WIDTH = 24
"""Columns of a dashboard."""
Panel = Builder[models.Panel]
_Made = TypeVar("_Made", bargauge.Panel, stat.Panel, statetimeline.Panel, table.Panel, timeseries.Panel)
Steps = Mapping[float | None, str]
"""From which value on (None: from the lowest) a number has which colour."""
Words = Mapping[str, tuple[str, str | None]]
"""Value -> the word that stands for it, and its colour."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question to Prometheus. `legend` names its series, with labels in braces."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Panels under a heading."""

    title: str
    panels: tuple[Panel, ...]

    def __init__(self, title: str, *panels: Panel) -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "panels", panels)


def placed(board: dashboard.Dashboard, *sections: Section) -> dashboard.Dashboard:
    """The dashboard with these sections, one below the other. In each, a panel goes to the highest free place, and there to the left."""
    top = 0
    for section in sections:
        board = board.with_row(dashboard.Row(section.title).grid_pos(models.GridPos(h=1, w=WIDTH, x=0, y=top)))
        floor = [top + 1] * WIDTH
        for panel in section.panels:
            size = panel.build().grid_pos
            assert size is not None
            y, x = min((max(floor[x : x + size.w]), x) for x in range(WIDTH - size.w + 1))
            floor[x : x + size.w] = [y + size.h] * size.w
            size.x, size.y = x, y
            board = board.with_panel(panel)
        top = max(floor)
    return board


def number(title: str, text: str, query: Query, *, unit: str, steps: Steps, width: int = 4, words: Words | None = None) -> Panel:
    """One number, as it is now."""
    panel = _filled(stat.Panel(), title, text, (query,), unit=unit, width=width, height=4, instant=True)
    panel = panel.thresholds(_steps(steps)).color_mode(looks.BigValueColorMode.VALUE).graph_mode(looks.BigValueGraphMode.NONE)
    return panel.reduce_options(_LAST).no_value("none").mappings(_mapped(words or {}))


def lines(
    title: str,
    text: str,
    *queries: Query,
    unit: str,
    width: int = 12,
    height: int = 8,
    stacked: bool = False,
    bands: Mapping[str, str] | None = None,
) -> timeseries.Panel:
    """Series over time. `bands`: the name of an upper series -> that of the lower one, between which the area is filled."""
    panel = _filled(timeseries.Panel(), title, text, queries, unit=unit, width=width, height=height)
    panel = (
        panel.line_width(1).show_points(looks.VisibilityMode.NEVER).tooltip(common.VizTooltipOptions().mode(looks.TooltipDisplayMode.MULTI))
    )
    panel = panel.legend(
        common.VizLegendOptions().display_mode(looks.LegendDisplayMode.LIST).placement(looks.LegendPlacement.BOTTOM).show_legend(True)
    )
    if stacked:
        panel = panel.fill_opacity(30).stacking(common.StackingConfig().mode(looks.StackingMode.NORMAL))
    for upper, lower in (bands or {}).items():
        panel = panel.override_by_name(
            upper, [models.DynamicConfigValue("custom.fillBelowTo", lower), models.DynamicConfigValue("custom.fillOpacity", 15)]
        )
    return panel


def bars(title: str, text: str, *queries: Query, unit: str = "short", width: int = 8, height: int = 8) -> Panel:
    """Numbers as bars, as they are now."""
    panel = _filled(bargauge.Panel(), title, text, queries, unit=unit, width=width, height=height, instant=True)
    panel = panel.orientation(looks.VizOrientation.HORIZONTAL).display_mode(looks.BarGaugeDisplayMode.BASIC).min(0)
    return panel.reduce_options(_LAST).thresholds(_steps({None: "blue"})).no_value("0")


def rows(
    title: str,
    text: str,
    query: Query,
    *,
    columns: Mapping[str, str],
    words: Mapping[str, Words] | None = None,
    sort: tuple[str, ...] = (),
    width: int = 12,
    height: int = 8,
) -> Panel:
    """A table of series: labels as `columns` (label -> heading), `Value` for the number. `words`: heading -> what stands for its values."""
    panel = _filled(table.Panel(), title, text, (query,), unit="short", width=width, height=height, instant=True, as_table=True)
    order = {name: position for position, name in enumerate(columns)}
    left_out = {name: True for name in ("Time", "Value") if name not in columns}
    organise = {"renameByName": dict(columns), "indexByName": order, "excludeByName": left_out}
    panel = panel.with_transformation(models.DataTransformerConfig(id_val="organize", options=organise)).no_value("none")
    if sort:
        panel = panel.sort_by([common.TableSortByFieldState().display_name(name) for name in sort])
    for heading, values in (words or {}).items():
        coloured = any(colour for _, colour in values.values())
        cell = {"type": "color-text"} if coloured else {"type": "auto", "wrapText": True}
        look = [models.DynamicConfigValue("mappings", _mapped(values)), models.DynamicConfigValue("custom.cellOptions", cell)]
        panel = panel.override_by_name(heading, look if coloured else [*look, models.DynamicConfigValue("custom.minWidth", 600)])
    return panel


def states(title: str, text: str, query: Query, *, words: Words, width: int = 12, height: int = 7) -> Panel:
    """What each series was over time, in words."""
    panel = _filled(statetimeline.Panel(), title, text, (query,), unit="short", width=width, height=height)
    return panel.mappings(_mapped(words))


def _filled(
    panel: _Made,
    title: str,
    text: str,
    queries: tuple[Query, ...],
    *,
    unit: str,
    width: int,
    height: int,
    instant: bool = False,
    as_table: bool = False,
) -> _Made:
    panel = panel.title(title).description(text).datasource(SOURCE).span(width).height(height).unit(unit)
    for letter, query in zip("ABCDEFGHIJ", queries, strict=False):
        target = prometheus.Dataquery().expr(query.expr).legend_format(query.legend).ref_id(letter).datasource(SOURCE)
        target = target.instant() if instant else target.range()
        panel = panel.with_target(target.format(PromQueryFormat.TABLE if as_table else PromQueryFormat.TIME_SERIES))
    return panel


def _steps(steps: Steps) -> dashboard.ThresholdsConfig:
    listed = [models.Threshold(value=value, color=colour) for value, colour in steps.items()]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(listed)


def _mapped(words: Words) -> list[models.ValueMapping]:
    mapped = {value: models.ValueMappingResult(text=word, color=colour) for value, (word, colour) in words.items()}
    return [models.ValueMap(options=mapped)] if mapped else []
