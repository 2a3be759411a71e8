"""How rules, their state and the outcome of their tests look: in words for people, as JSON for programs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.text import Text

from schemas.alert import Alert
from streams.cli.options import USAGE, CommandError, counted, print_json
from streams.cli.present import (
    LEVELS,
    QUIET,
    Mark,
    Told,
    alert_told,
    clean,
    console,
    has_colour,
    interval_words,
    marked,
    number,
    one_line,
    tell,
)
from streams.core.kept import Group
from streams.core.rules import Rule, RuleSet
from streams.core.verdict import Outcome, Pair
from streams.core.voices import Held as Figure
from streams.core.voices import current

if TYPE_CHECKING:
    from streams.cli.rules_live import Fed, Held, State

__all__ = ["chosen", "group_words", "outcome_json", "outcome_lines", "rule_lines", "show_changes", "show_rules", "show_state", "span"]

_UNITS = ((604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def chosen(rules: Iterable[Rule], name: str | None) -> tuple[Rule, ...]:
    """The rule `name`, or all. CommandError where there is none of that name."""
    from streams.core.yamlfile import suggest

    found = {rule.id: rule for rule in rules}
    if name is None:
        return tuple(found.values())
    if name not in found:
        raise CommandError(f"There is no rule {name!r}{suggest(name, found)}. There are: {', '.join(found) or 'none'}.", USAGE)
    return (found[name],)


def span(seconds: float) -> str:
    """A duration in its greatest whole unit: "10 days", "36 hours"."""
    size, word = next((unit for unit in _UNITS if seconds >= unit[0] and seconds % unit[0] == 0), _UNITS[-1])
    return counted(int(seconds // size), word)


def group_words(group: Group) -> str:
    """The labels of a group: "place us-southwest-border, indicator crossings"."""
    return ", ".join(f"{name} {label}" for name, label in group)


def show_rules(rules: Sequence[Rule], *, json: bool) -> None:
    """What each rule asks for."""
    out = console()
    for rule in rules:
        if json:
            print_json(rule.model_dump(mode="json", by_alias=True))
        else:
            tell(out, [_head(rule), *map(Text, map(clean, rule_lines(rule)))])


def _head(rule: Rule) -> Text:
    state = "" if rule.state == "live" else f" ({rule.state})"
    return Text.assemble((rule.id, "bold"), "  ", clean(rule.title), (state, "yellow"))


def rule_lines(rule: Rule) -> list[str]:
    """What a rule asks for, in words, one aspect a line."""
    lines = [f"looks at {_looked_at(rule)}", f"compares {_compared(rule)}"]
    more, less = ("or more", "or less") if rule.when.direction == "above" else ("or less", "or more")
    lines += [
        f"{level.level} at {number(level.at)} {more}, taken back at {number(level.back)} {less} about a later time"
        for level in rule.when.levels
    ]
    surely = {"certain": "all that the words allow", "probable": "its best estimate", "possible": "some value that the words allow"}
    lines.append(f"a figure counts where {surely[rule.when.certainty]} meets the threshold ({rule.when.certainty})")
    confirm, life = rule.confirm, rule.lifetime
    if confirm.min_origins > 1:
        lines.append(
            f"needs {confirm.min_origins} different {confirm.distinct_by}s within {span(confirm.within)}; before that it is pending"
        )
    lines.append(f"one alert for each {' and '.join(rule.group_by)}" if rule.group_by else "one alert in all")
    lines.append(f"a figure is evidence for {span(life.valid_for)}, and late after {span(life.allowed_lateness)}")
    if rule.notify.repeat:
        lines.append(f"repeated every {span(rule.notify.repeat)} while the evidence is valid")
    return lines + ([f"labels {', '.join(f'{key}={value}' for key, value in rule.labels.items())}"] if rule.labels else [])


def _looked_at(rule: Rule) -> str:
    match = rule.match
    what = " and ".join(match.indicator)
    place = f" at {match.place.is_}" if match.place and match.place.is_ else f" in {match.place.within}" if match.place else " anywhere"
    words = [f"{what}{place}", "totals" if match.scope == "total" else "parts of totals"]
    words += [f"confidence {match.min_confidence:g} or more"]
    lists = (
        ("published by", match.source.allow),
        ("not published by", match.source.deny),
        ("according to", match.attribution.require),
        ("not according to", match.attribution.deny),
    )
    return ", ".join(words + [f"{word} {', '.join(names)}" for word, names in lists if names])


def _compared(rule: Rule) -> str:
    value, unit = rule.value, rule.value.unit.replace("_", " ")
    if value.per is None:
        return f"the number of the unit {unit}, as stated; figures for a week or longer are refused"
    if value.per in ("event", "cumulative", "none"):
        return f"the number of the unit {unit}, only where stated as {value.per}"
    running = "divided by the days that have passed" if value.partial_period == "elapsed" else "refused"
    return (
        f"the number of the unit {unit} per {value.per.replace('_', ' ')}; totals of other periods are converted, of running ones {running}"
    )


# --- outcomes of tests ---------------------------------------------------------------------------------------------------


def outcome_lines(outcome: Outcome) -> list[str]:
    """One test: a line where it holds, else expected and got side by side, and what the rules made of each input."""
    if outcome.ok:
        return [f"  ok      {outcome.name}"]
    lines = [f"  FAILED  {outcome.name}"]
    for count, pair in enumerate(outcome.pairs, 1):
        lines += [f"    {count:>2}. {line}" if index == 0 else f"        {line}" for index, line in enumerate(_pair_lines(pair))]
    lines += [f"    {one.what}: expected {_plain(one.expected)}, got {_plain(one.got)}" for one in outcome.answers]
    lines.append("    what the rules made of the input:")
    for heard in outcome.heard:
        made = ", ".join(f"{rule} {word} {count}" for (rule, word), count in heard.tallies.items() if word != "other_indicator")
        lines.append(f"        {heard.at:%Y-%m-%dT%H:%M}  {heard.name}: {made or 'no figure that a rule looks at'}")
    return [clean(line) for line in lines]


def _pair_lines(pair: Pair) -> Iterator[str]:
    if pair.ok:
        yield f"as expected  {_got(pair.got)}"
    elif pair.expected is None:
        yield f"nobody expected  {_got(pair.got)}"
    elif pair.got is None:
        fields = pair.expected.model_dump(exclude_unset=True, exclude={"rule", "transition"})
        words = ", ".join(f"{key} {_plain(value)}" for key, value in fields.items())
        yield "did not come     " + " ".join(filter(None, (pair.expected.rule, pair.expected.transition, words and f"({words})")))
    else:
        yield f"differs          {_got(pair.got)}"
        yield from (f"    {one.what}: expected {_plain(one.expected)}, got {_plain(one.got)}" for one in pair.differences)


def _got(alert: Alert | None) -> str:
    assert alert is not None
    words = [alert.rule.id, alert.transition, alert.level or "", f'"{alert.value.text}"', f"at {alert.times.event_time:%Y-%m-%dT%H:%M}"]
    return " ".join(filter(None, words)) + f" ({alert.reason}; {group_words(tuple(alert.group.items()))})"


def _plain(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return "none" if value is None else str(value)


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """One test for programs."""
    return {
        "name": outcome.name,
        "ok": outcome.ok,
        "transitions": [
            {
                "expected": pair.expected and pair.expected.model_dump(mode="json", exclude_unset=True),
                "got": pair.got,
                "differences": pair.differences,
            }
            for pair in outcome.pairs
        ],
        "answers": outcome.answers,
        "inputs": [
            {"name": heard.name, "at": heard.at, "made": [[rule, word, count] for (rule, word), count in heard.tallies.items()]}
            for heard in outcome.heard
        ],
    }


# --- state ---------------------------------------------------------------------------------------------------------------


def show_state(rules: Sequence[Rule], state: "State", *, json: bool) -> None:
    """What the rules hold, rule by rule: open alerts first, then how many series are quiet, then what feeds them."""
    if json:
        print_json(_state_json(rules, state))
        return
    out = console()
    out.print(_in_force(state))
    for rule in rules:
        mine = [one for one in state.held if one.stored.rule == rule.id]
        tell(out, [_head(rule), *(Text("  " + clean(line), QUIET) for line in rule_lines(rule)), *_fed_lines(state, rule)])
        for held in mine:
            if held.stored.series.phase != "idle":
                told = _held_told(rule, held, state.read_at, colour=has_colour(out))
                tell(out, [Text("    ") + told[0], *(Text("  ") + line for line in told[1:])])
        quiet = sum(held.stored.series.phase == "idle" for held in mine)
        out.print(Text(f"    {quiet} quiet" if quiet else "" if mine else "    holds nothing", QUIET))


def _in_force(state: "State") -> Text:
    by_hash: dict[str, list[int]] = {}
    for partition, name in sorted(state.partitions.items()):
        by_hash.setdefault(name, []).append(partition)
    if not by_hash:
        return Text("no partition has taken over any rules yet: no worker has read the change", "yellow")
    parts = (f"rules {name} in force in partition{'s' if len(at) > 1 else ''} {', '.join(map(str, at))}" for name, at in by_hash.items())
    return Text("; ".join(parts), "bold")


def _fed_lines(state: "State", rule: Rule) -> list[Text]:
    fed = state.fed.get(rule.id)
    if fed is None or not fed.answers:
        return [Text(f"of the newest {state.looked_through:,} claims none is of its family", QUIET)]
    answers = ", ".join(f"{count:,} {word.replace('_', ' ')}" for word, count in fed.answers.most_common())
    lines = [Text(f"of the newest {state.looked_through:,} claims: {answers}")]
    if fed.newest:
        claim = fed.newest.record
        lines.append(
            Text(f"taken last: {clean(' '.join(claim.claim.sentence.split()))} ({clean(claim.publisher or claim.document)})", QUIET)
        )
    return lines


def expires(rule: Rule, held: "Held") -> datetime | None:
    """When (event time) an open alert has no evidence left, if nothing newer comes."""
    series = held.stored.series
    standing = [one for one in current(series.held) if series.until is None or one.effective_end >= series.until]
    newest = max((one.first_published for one in standing), default=None)
    return newest and newest + rule.lifetime.span


def _held_told(rule: Rule, held: "Held", now: datetime, *, colour: bool) -> Told:
    series = held.stored.series
    style = LEVELS.get(series.level or "", "bold magenta")
    what = f"{series.phase.upper()} {series.level or ''}".rstrip()
    head = Text.assemble((what, style), "  ", (clean(group_words(held.stored.group)), "bold"))
    if series.started_at:
        head.append(f"  since {series.started_at:%Y-%m-%d %H:%M}Z, episode {series.episode}", QUIET)
    lines = [head]
    end = expires(rule, held)
    if end and series.phase == "firing":
        left = held.clock.reaches(end) - now
        lines.append(Text(f"expires at {end:%Y-%m-%d %H:%M}Z of the news{_ago(left)}, unless newer figures come"))
    lines += [Text("contested: another voice says otherwise", "yellow")] if series.contested else []
    for one in current(series.held):
        lines += _figure_told(one, colour)
    return lines


def _ago(left: timedelta) -> str:
    hours = left.total_seconds() / 3600
    if hours <= 0:
        return " (due)"
    return f" (in {hours / 24:.0f} days)" if hours >= 48 else f" (in {hours:.0f} hours)"


def _figure_told(one: Figure, colour: bool) -> list[Text]:
    """One figure: how much, about when, who says so, in how many papers, and the sentence."""
    proof = one.evidence[0]
    facts = [interval_words(one.figure), f"about {one.effective_end}", f"according to {one.voice or 'nobody named'}"]
    facts += [f"in {len(one.publishers)} papers"] if len(one.publishers) > 1 else []
    at = proof.sentence_span[0]
    sentence = marked(proof.sentence, [Mark(proof.quote_span[0] - at, proof.quote_span[1] - at)], colour=colour)
    source = " · ".join(filter(None, (proof.publisher, f"{proof.published_at:%Y-%m-%d %H:%M}Z", proof.url or proof.document)))
    return [Text(clean(" · ".join(facts))), Text("  ") + one_line(sentence), Text("  " + clean(source), QUIET)]


def _state_json(rules: Sequence[Rule], state: "State") -> dict[str, Any]:
    names = {rule.id: rule for rule in rules}
    return {
        "rules_hash": state.rules.hash,
        "partitions": {str(partition): name for partition, name in sorted(state.partitions.items())},
        "rules": [{"id": rule.id, "title": rule.title, "state": rule.state, "fed": _fed_json(state.fed.get(rule.id))} for rule in rules],
        "series": [_series_json(names[held.stored.rule], held) for held in state.held if held.stored.rule in names],
    }


def _fed_json(fed: "Fed | None") -> dict[str, Any] | None:
    return {"answers": dict(fed.answers), "newest": fed.newest and fed.newest.record} if fed else None


def _series_json(rule: Rule, held: "Held") -> dict[str, Any]:
    series = held.stored.series
    return {
        "rule": rule.id,
        "group": dict(held.stored.group),
        "fingerprint": held.fingerprint,
        "partition": held.partition,
        "clock": held.clock.time,
        "phase": series.phase,
        "level": series.level,
        "contested": series.contested,
        "episode": series.episode,
        "started_at": series.started_at,
        "expires_at": expires(rule, held) if series.phase == "firing" else None,
        "figures": current(series.held),
    }


def show_changes(rules: RuleSet, alerts: Sequence[Alert], *, json: bool) -> None:
    """What a set of rules would do to the alerts that are open."""
    if json:
        print_json({"hash": rules.hash, "alerts": alerts})
        return
    out = console()
    for alert in alerts:
        tell(out, alert_told(alert, colour=has_colour(out)))
    print(f"{counted(len(alerts), 'open alert')} would change; nothing was written (rules {rules.hash})")
