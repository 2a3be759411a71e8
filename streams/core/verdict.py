"""Running a written test of rules, and how what came differs from what was expected."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.alert import Alert, Value
from schemas.figure import Number
from streams.core.cases import Case, Expected, inputs, moment
from streams.core.rehearse import Rehearsal
from streams.core.rules import RuleSet

__all__ = ["Difference", "Heard", "Outcome", "Pair", "stated", "try_case"]

_ALONE = 4
"""What it costs to leave an expected and a got transition unpaired; a pair may differ less."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was written in the test and is not so."""

    what: str
    expected: Any
    got: Any


@dataclass(frozen=True, slots=True)
class Pair:
    """An expected transition and the one that came for it. Without `got` it is missing, without `expected` nobody asked for it."""

    expected: Expected | None
    got: Alert | None
    differences: tuple[Difference, ...] = ()

    @property
    def ok(self) -> bool:
        return self.expected is not None and self.got is not None and not self.differences


@dataclass(frozen=True, slots=True)
class Heard:
    """What the rules made of one input: (rule id, outcome or refusal) -> claims."""

    name: str
    at: datetime
    tallies: dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one test."""

    name: str
    pairs: tuple[Pair, ...]
    heard: tuple[Heard, ...]
    answers: tuple[Difference, ...] = ()
    """Where the claims were answered otherwise than the test says."""

    @property
    def ok(self) -> bool:
        return all(pair.ok for pair in self.pairs) and not self.answers


def try_case(case: Case, rules: RuleSet) -> Outcome:
    """Run one test, which has no faults, under `rules`."""
    rehearsal = Rehearsal(rules)
    alerts: list[Alert] = []
    heard = []
    for name, one in inputs(case):
        before = Counter(rehearsal.tallies)
        alerts += rehearsal.take(one)
        news = rehearsal.tallies - before
        heard.append(Heard(name, one.at, {key: count for key, count in news.items() if case.rule in (None, key[0])}))
    if case.until:
        alerts += rehearsal.wait(moment(case.until))
    kept = [alert for alert in alerts if case.rule in (None, alert.rule.id) and alert.transition not in case.ignore]
    return Outcome(case.name, _aligned(case, kept), tuple(heard), _answers(case, heard))


def stated(value: Value) -> Number | None:
    """The number that stands for a figure: its best estimate, else the end that the text gives."""
    if value.point is not None:
        return value.point
    upper = value.bound in ("at_most", "less_than")
    first, second = (value.high, value.low) if upper else (value.low, value.high)
    return first if first is not None else second


def _answers(case: Case, heard: list[Heard]) -> tuple[Difference, ...]:
    """How the claims were answered, against what the test says; claims of other indicators are nobody's concern unless it names them."""
    if case.answers is None:
        return ()
    got: Counter[str] = Counter()
    for one in heard:
        for (_, word), count in one.tallies.items():
            got[word] += count
    words = sorted({*got, *case.answers} - ({"other_indicator"} - {*case.answers}))
    return tuple(
        Difference(f"answers.{word}", case.answers.get(word, 0), got[word]) for word in words if case.answers.get(word, 0) != got[word]
    )


def _aligned(case: Case, alerts: list[Alert]) -> tuple[Pair, ...]:
    """Expected and got, both in order, put side by side so that they differ least."""
    wanted = case.expect
    differences = {(i, j): _differences(case, one, alert) for i, one in enumerate(wanted) for j, alert in enumerate(alerts)}
    cost = [[0] * (len(alerts) + 1) for _ in range(len(wanted) + 1)]
    for i in reversed(range(len(wanted) + 1)):
        for j in reversed(range(len(alerts) + 1)):
            choices = [cost[i + 1][j] + _ALONE // 2] if i < len(wanted) else []
            choices += [cost[i][j + 1] + _ALONE // 2] if j < len(alerts) else []
            choices += [cost[i + 1][j + 1] + _weight(differences[i, j])] if i < len(wanted) and j < len(alerts) else []
            cost[i][j] = min(choices, default=0)
    pairs, i, j = [], 0, 0
    while i < len(wanted) or j < len(alerts):
        if i < len(wanted) and j < len(alerts) and cost[i][j] == cost[i + 1][j + 1] + _weight(differences[i, j]):
            pairs.append(Pair(wanted[i], alerts[j], differences[i, j]))
            i, j = i + 1, j + 1
        elif i < len(wanted) and cost[i][j] == cost[i + 1][j] + _ALONE // 2:
            pairs.append(Pair(wanted[i], None))
            i += 1
        else:
            pairs.append(Pair(None, alerts[j]))
            j += 1
    return tuple(pairs)


def _weight(differences: tuple[Difference, ...]) -> int:
    return sum({"rule": 2 * _ALONE, "transition": 2}.get(one.what, 1) for one in differences)


def _differences(case: Case, wanted: Expected, alert: Alert) -> tuple[Difference, ...]:
    got: dict[str, Any] = {
        "rule": alert.rule.id,
        "transition": alert.transition,
        "level": alert.level,
        "previous": alert.previous_level,
        "grade": alert.value.grade,
        "reason": alert.reason,
        "origins": alert.corroboration.origins,
        "contested": alert.corroboration.contested,
        "late": alert.late,
    }
    asked = {name: getattr(wanted, name) for name in got if name in wanted.model_fields_set} | {"rule": wanted.rule or case.rule}
    found = [Difference(name, asked[name], value) for name, value in got.items() if name in asked and asked[name] != value]
    found += [
        Difference(f"group.{name}", label, alert.group.get(name)) for name, label in wanted.group.items() if alert.group.get(name) != label
    ]
    value = stated(alert.value)
    if wanted.value is not None and (value is None or round(value, _decimals(wanted.value)) != wanted.value):
        found.append(Difference("value", wanted.value, value))
    if wanted.at is not None and not _same_time(wanted.at, alert.times.event_time):
        found.append(Difference("at", wanted.at, f"{alert.times.event_time:%Y-%m-%dT%H:%M}"))
    sentence = alert.evidence[0].sentence if alert.evidence else ""
    if wanted.sentence is not None and _plain(wanted.sentence) not in _plain(sentence):
        found.append(Difference("sentence", wanted.sentence, sentence))
    return tuple(found)


def _decimals(value: Number) -> int:
    """As many as are written: 9677.4 stands for 9,677.419 too."""
    return len(repr(float(value)).partition(".")[2]) if value != int(value) else 0


def _same_time(wanted: str, got: datetime) -> bool:
    """To the precision that is written: a day, a minute, a second."""
    when = moment(wanted)
    if len(wanted) <= 10:
        return when.date() == got.date()
    return when.replace(microsecond=0) == got.replace(microsecond=0, second=got.second if when.second else 0)


def _plain(text: str) -> str:
    return " ".join(text.split())
