"""A backtest as one HTML page that needs nothing else: no script, no network. Everything that is not ours is escaped by Jinja."""

from collections import Counter

from jinja2 import DictLoader, Environment

from streams.core.rules import Rule, RuleSet
from streams.replay.backtest import Result
from streams.replay.chart import SHADES, Drawn, draw
from streams.replay.compare import Cause, Key
from streams.replay.readings import plain

__all__ = ["MAX_CHARTS", "MAX_ROWS", "page"]

MAX_CHARTS = 100
MAX_ROWS = 2_000

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>newsgauge backtest</title>
<style>
:root { color-scheme: light dark; --ink: #1c2430; --quiet: #5b6675; --paper: #fff; --rule: #e3e7ec; --grid: #edf0f3; --lane: #f1f3f6;
  --figure: #3f72af; --point: #1f4e8c; --old: #8a5a00; --new: #0b6e4f }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --quiet: #9aa5b4; --paper: #14181e; --rule: #2c333d; --grid: #232a33;
  --lane: #1f252d; --figure: #6c9bd2; --point: #a9c8ee; --old: #e0ab4f; --new: #4cc398 } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1020px; margin: 2em auto;
  padding: 0 1em }
h1 { font-size: 1.5em; margin-bottom: .2em } h2 { font-size: 1.1em; margin: 2.2em 0 .2em } p { margin: .3em 0; overflow-wrap: anywhere }
.quiet { color: var(--quiet) } code { font-size: .92em; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; font-size: .92em; margin-top: .6em; table-layout: fixed }
th, td { text-align: left; vertical-align: top; padding: .35em .6em .35em 0; border-bottom: 1px solid var(--rule); overflow-wrap: anywhere }
th { color: var(--quiet); font-weight: 600 } col.kind { width: 7.5em } col.when { width: 9.5em } col.series { width: 14em }
.kind { font-weight: 600 } q, td span, h2, p.quiet { unicode-bidi: isolate }
.chart { overflow-x: auto }
svg { width: 100%; min-width: 640px; height: auto; display: block; margin-top: .4em; font: 11px system-ui, sans-serif }
.grid { stroke: var(--grid) } .tick, text.lane { fill: var(--quiet) } rect.lane { fill: var(--lane) }
.band { fill: var(--figure); fill-opacity: .32 } .point { fill: var(--point) } .open { fill: var(--figure); fill-opacity: .7 }
line.old { stroke: var(--old); stroke-dasharray: 7 4; stroke-width: 1.4 } line.new { stroke: var(--new); stroke-width: 1.4 }
line.reset { stroke-opacity: .35; stroke-width: 1 } text.limit.old { fill: var(--old) } text.limit.new { fill: var(--new) }
.key span { display: inline-block; width: 1.6em; height: .8em; margin: 0 .3em 0 1em; vertical-align: baseline }
@media (max-width: 640px) { body { margin: 1em auto }
  table, tbody, tr, td { display: block; width: 100% } th, colgroup { display: none } td { border: 0; padding: .1em 0 }
  tr { border-bottom: 1px solid var(--rule); padding: .5em 0 } td br { display: none } td[data-name]::before { content: attr(data-name) " ";
  color: var(--quiet) } }
</style></head><body>
<h1>Backtest: {{ "no difference" if same else differences|length|counted("difference") ~ " of alerts" }}
{%- if readings %}, {{ (readings.added + readings.gone + readings.changed)|counted("figure") }} read differently{% endif %}</h1>
<p class="quiet">{{ told }}</p>
<p>Old rules <code>{{ old_name }}</code> (<code>{{ old_hash }}</code>, {{ old_count|counted("alert") }}),
new rules <code>{{ new_name }}</code> (<code>{{ new_hash }}</code>, {{ new_count|counted("alert") }}).
{%- if readings %} Old: on the claims as they were stored. New: on the same articles, read again.{% endif %}</p>
{% for cause, kinds in causes %}<p>{% if readings %}Because of the {{ cause }}: {% endif %}
{%- for kind, count in kinds %}{{ count }} {{ kind }}{{ ", " if not loop.last }}{% endfor %}</p>
{% endfor %}
<p class="key quiet">Charts: <span style="background:#3f72af;opacity:.4"></span>reported{% if readings %} (as read again){% endif %},
from low to high; a dot is the best estimate, a triangle an open end; what is far beyond stands at the upper edge. Lines: thresholds, old
dashed, new solid, resets faint. Bars below: when there was an alert
{% for shade in shades %}<span style="background:{{ shade }}"></span>{% endfor %} from the mildest level to the gravest.</p>
{% macro chart_of(chart) %}
<h2>{{ chart.title }}</h2><p class="quiet">{{ chart.rule }} · {{ chart.group }}{% if chart.unit %} · {{ chart.unit }}{% endif %}</p>
<div class="chart">{{ chart.svg }}</div>
{% endmacro %}
{% for chart in charts if chart.differs %}{{ chart_of(chart) }}{% endfor %}
{% if differences %}
<h2>Alerts that differ</h2>
<table><colgroup><col class="kind"><col class="when"><col class="when"><col class="series"><col></colgroup>
<tr><th>What</th><th>Old</th><th>New</th><th>Series</th><th>Sentence</th></tr>
{% for one in differences[:max_rows] %}
<tr><td><span class="kind">{{ one.kind|replace("_", " ") }}</span><br>
<span class="quiet"> {{ one.what }}{% if readings %}, because of the {{ one.cause }}{% endif %}</span></td>
{% for name, mark in [("old", one.old), ("new", one.new)] %}<td data-name="{{ name }}">
{%- if mark %}{{ mark.at.strftime("%Y-%m-%d %H:%M") }}<br> {{ mark.level or mark.transition }}{% else %}–{% endif %}</td>
{% endfor %}
<td>{{ one.rule }}<br><span class="quiet"> {{ one.group.values()|join(", ") }}</span></td>
<td><q>{{ one.mark.sentence or one.mark.value }}</q> <span class="quiet">{{ one.mark.publisher or "" }}</span></td></tr>
{% endfor %}
</table>
{% if differences|length > max_rows %}<p>The first {{ max_rows }} of {{ differences|length }}; the others are in the output of --json.</p>
{% endif %}{% endif %}
{% if readings %}
<h2>Figures that are read differently</h2>
<p>{{ readings.same }} are the same, {{ readings.added }} are new, {{ readings.gone }} are gone, {{ readings.changed }} are read
otherwise.</p>
{% if readings.kept %}<table><colgroup><col class="kind"><col class="when"><col class="series"><col></colgroup>
<tr><th>What</th><th>Published</th><th>Figure</th><th>Sentence</th></tr>
{% for one in readings.kept[:max_rows] %}
<tr><td><span class="kind">{{ one.kind }}</span></td><td>{{ one.published.strftime("%Y-%m-%d %H:%M") }}</td>
<td>{{ one.quote }} <span class="quiet">{{ one.indicator }}</span>{% for name, values in one.fields.items() %}
<br>{{ name }} <span class="quiet">{{ values[0]|plain }}</span> → {{ values[1]|plain }}{% endfor %}</td>
<td><q>{{ one.sentence }}</q> <span class="quiet">{{ one.publisher or one.document }}</span></td></tr>
{% endfor %}
</table>{% endif %}
{% if readings.added + readings.gone + readings.changed > max_rows %}<p>The first {{ max_rows }}; others are in the output of --json.</p>
{% endif %}{% endif %}
{% for chart in charts if not chart.differs %}{{ chart_of(chart) }}{% endfor %}
{% if left_out %}<p>{{ left_out }} more series are not drawn; those with differences come first.</p>{% endif %}
</body></html>
"""

_environment = Environment(autoescape=True, loader=DictLoader({"page": _PAGE}))
_environment.filters |= {"plain": plain, "counted": lambda number, what: f"{number:,} {what}{'' if number == 1 else 's'}"}


def page(result: Result, *, old_name: str, new_name: str, told: str) -> str:
    """The page. `told` is the line that says which past it was."""
    differ = {(one.rule, tuple(sorted(one.group.items()))) for one in result.differences}
    keys = _keys(result, differ)
    return _environment.get_template("page").render(
        differences=result.differences,
        same=result.same,
        readings=result.readings,
        causes=[(cause, _kinds(result, cause)) for cause in ("rules", "reader")],
        told=told,
        old_name=old_name,
        new_name=new_name,
        old_hash=result.rules_old.hash,
        new_hash=result.rules_new.hash,
        old_count=sum(map(len, result.old.by_key.values())),
        new_count=sum(map(len, result.new.by_key.values())),
        charts=[_chart(result, key) | {"differs": key in differ} for key in keys[:MAX_CHARTS]],
        left_out=max(0, len(keys) - MAX_CHARTS),
        max_rows=MAX_ROWS,
        shades=SHADES,
    )


def _kinds(result: Result, cause: Cause) -> list[tuple[str, int]]:
    return sorted(Counter(one.kind.replace("_", " ") for one in result.differences if one.cause == cause).items())


def _keys(result: Result, differ: set[Key]) -> list[Key]:
    """Series with differences first, then those with alerts, then those with figures alone."""
    alerts = result.old.by_key.keys() | result.new.by_key.keys()
    return sorted(alerts | result.figures.by_key.keys(), key=lambda key: (key not in differ, key not in alerts, key))


def _chart(result: Result, key: Key) -> dict[str, object]:
    old, new = _rule(result.rules_old, key[0]), _rule(result.rules_new, key[0])
    rule = new or old
    assert rule is not None
    shown = Drawn(result.figures.columns(key), old, new, result.old.by_key.get(key, []), result.new.by_key.get(key, []))
    per = f" per {rule.value.per}" if rule.value.per else ""
    return {
        "title": rule.title,
        "rule": rule.id,
        "group": ", ".join(value for _, value in key[1]),
        "unit": rule.value.unit + per,
        "svg": draw(shown),
    }


def _rule(rules: RuleSet, name: str) -> Rule | None:
    return next((rule for rule in rules.rules if rule.id == name), None)
