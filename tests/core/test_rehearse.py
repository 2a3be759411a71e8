"""The flow without a broker: what comes, when, and that a run can be cut anywhere. And tests of rules as people write them."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.article import Article, Document
from schemas.claims import Revision, Tick
from schemas.codec import encode
from schemas.figure import Interval
from streams.core.advice import advise
from streams.core.cases import CaseFile, check, read_cases
from streams.core.claims import FAMILY_OF
from streams.core.intake import receive
from streams.core.rehearse import Rehearsal, Timed, rehearse
from streams.core.rules import RuleSet, parse, read
from streams.core.verdict import Outcome, try_case
from streams.core.yamlfile import Fault, Written
from tests.core.build import START, record

SHIPPED = Path(__file__).parents[2] / "deploy" / "rules"
RULES = """\
schema: 1
rules:
  - id: daily
    title: Daily
    match: {indicator: [apprehensions], place: {is: us-southwest-border}}
    value: {unit: person, per: day}
    when: {levels: [{level: warning, at: 8_000, reset: 7_200}, {level: critical, at: 10_000, reset: 9_000}]}
    lifetime: {valid_for: 10d}
  - id: repeating
    title: Repeating
    match: {indicator: [apprehensions]}
    value: {unit: person, per: day}
    when: {levels: [{level: any, at: 5_000}]}
    confirm: {min_origins: 2, within: 36h}
    lifetime: {valid_for: 3d}
    notify: {repeat: 24h}
"""


def rule_set(text: str = RULES) -> RuleSet:
    found = parse(text, family_of=dict(FAMILY_OF))
    assert isinstance(found, RuleSet), found
    return found


FOUND = rule_set()


def story(text: str, at: datetime) -> Timed:
    document = receive(Article(text=text, published=at.isoformat()), timestamp=at)
    assert isinstance(document, Document)
    return Timed(at, document)


def figure(value: int, day: float, **more: object) -> Timed:
    made = record(value, day=day, **more)  # type: ignore[arg-type]
    return Timed(made.published, made)


# --- the run ------------------------------------------------------------------------------------------------------------------


def test_an_article_fires_is_repeated_and_expires_each_at_its_own_time() -> None:
    text = "Around 10,000 migrants have been apprehended daily at the southwest border this month, border patrol officials said."
    other = "According to CBP, about 9,900 migrants a day are now apprehended at the southwest border."
    inputs = [story(text, START), story(other, START + timedelta(hours=5))]
    alerts = list(rehearse(FOUND, inputs, until=START + timedelta(days=60)))
    told = [(alert.rule.id, alert.transition, alert.times.event_time - START) for alert in alerts if alert.transition != "updated"]
    hours = [(rule, transition, round(after.total_seconds() / 3600, 3)) for rule, transition, after in told]
    assert hours == [
        ("daily", "firing", 0),
        ("repeating", "pending", 0),
        ("repeating", "firing", 5),
        ("repeating", "repeated", 29),
        ("repeating", "repeated", 53),
        ("repeating", "expired", 77),
        ("daily", "expired", 245),
    ]
    assert {alert.mode for alert in alerts} == {"test"}
    assert not list(rehearse(FOUND, [], until=START + timedelta(days=60)))


def test_without_an_end_nothing_happens_after_the_last_input() -> None:
    assert [alert.transition for alert in rehearse(FOUND, [figure(8_500, 0)])] == ["firing", "pending"]


def test_what_is_due_between_two_inputs_comes_between_them() -> None:
    alerts = list(rehearse(FOUND, [figure(8_500, 0), figure(8_600, 11)]))
    assert [(alert.transition, alert.episode) for alert in alerts if alert.rule.id == "daily"] == [
        ("firing", 1),
        ("expired", 1),
        ("firing", 2),
    ]


def test_time_goes_on_from_where_the_news_left_it() -> None:
    """A story that comes two years after it was published is fresh, and expires ten days after it came."""
    old = figure(8_500, 0)
    came = old.at + timedelta(days=700)
    run = Rehearsal(FOUND)
    assert [alert.transition for alert in run.take(Timed(came, old.what)) if alert.rule.id == "daily"] == ["firing"]
    assert not [alert for alert in run.wait(came + timedelta(days=10)) if alert.rule.id == "daily"]
    assert [alert.transition for alert in run.wait(came + timedelta(days=10, seconds=1)) if alert.rule.id == "daily"] == ["expired"]


def test_a_revision_and_a_time_are_inputs_too() -> None:
    hour = START + timedelta(hours=1)
    gone = Timed(hour, Revision(document="d", version=2, published=hour, ingested=hour))
    alerts = [alert for alert in rehearse(FOUND, [figure(8_500, 0, document="d"), gone]) if alert.rule.id == "daily"]
    assert [alert.transition for alert in alerts] == ["firing", "retracted"]
    later = START + timedelta(days=12)
    alerts = [alert for alert in rehearse(FOUND, [figure(8_500, 0), Timed(later, Tick(now=later))]) if alert.rule.id == "daily"]
    assert [alert.transition for alert in alerts] == ["firing", "expired"]


def test_what_became_of_the_claims_is_counted() -> None:
    run = Rehearsal(FOUND)
    list(run.take(figure(8_500, 0, modality="historical")))
    assert run.tallies == {("daily", "historical"): 1, ("repeating", "historical"): 1}


def test_memory_does_not_grow_with_the_number_of_inputs() -> None:
    run = Rehearsal(FOUND)
    sizes = []
    for day in range(120):
        list(run.take(figure(5_000 + day % 7, day, document=f"d{day}")))
        sizes.append(len(run.store))
    assert max(sizes[60:]) <= max(sizes[:60])


drawn = st.lists(
    st.tuples(st.sampled_from([4_000, 7_000, 8_500, 12_000]), st.integers(0, 40), st.sampled_from(["a", "b", None]), st.integers(1, 2)),
    max_size=12,
)


@settings(max_examples=60)
@given(drawn, st.integers(0, 12))
def test_a_run_ends_goes_forward_in_time_and_can_be_cut_anywhere(values: list[tuple[int, int, str | None, int]], cut: int) -> None:
    inputs = sorted(
        (
            figure(value, day, document=f"{name}{day // 5}" if name else None, by=name, version=version)
            for value, day, name, version in values
        ),
        key=lambda one: one.at,
    )
    end = START + timedelta(days=100)
    whole = [encode(alert) for alert in rehearse(FOUND, inputs, until=end)]
    assert whole == [encode(alert) for alert in rehearse(FOUND, inputs, until=end)]
    run, first = Rehearsal(FOUND), []
    for one in inputs[:cut]:
        first += [encode(alert) for alert in run.take(one)]
    state = {**run.store}
    again = Rehearsal(FOUND, store=state, at=run.at)
    rest = [encode(alert) for one in inputs[cut:] for alert in again.take(one)]
    rest += [encode(alert) for alert in again.wait(end)]
    assert first + rest == whole
    times = [alert.times.event_time for alert in rehearse(FOUND, inputs, until=end)]
    assert all(one <= other for one, other in pairwise(times))
    assert not [key for key in again.store if "|series|" in key], "everything is forgotten in the end"


# --- tests of rules as people write them ----------------------------------------------------------------------------------------

ONE = """\
rules: rules.yaml
tests:
  - name: one
    rule: daily
    claims:
      - {at: 2024-01-01T12:00, indicator: apprehensions, value: 8_400, period: day, place: us-southwest-border}
    expect:
      - {transition: firing, level: warning, value: 8_400}
"""


def written(text: str) -> Written[CaseFile]:
    found = read_cases(text, file="t.yaml")
    assert isinstance(found, Written), [str(fault) for fault in found]
    return found


def outcome(text: str) -> Outcome:
    found = written(text)
    assert check(found, FOUND) == ()
    return try_case(found.content.tests[0], FOUND)


def faults(text: str) -> tuple[Fault, ...]:
    found = read_cases(text, file="t.yaml")
    return check(found, FOUND) if isinstance(found, Written) else found


def test_a_test_holds() -> None:
    assert outcome(ONE).ok


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("level: warning", "level: critical", "level"),
        ("value: 8_400}\n", "value: 8_401}\n", "value"),
        ("level: warning", "level: null", "level"),
        ("value: 8_400}\n", "value: 8_400, at: 2024-01-01T12:01}\n", "at"),
        ("value: 8_400}\n", "value: 8_400, at: 2024-01-02}\n", "at"),
        ("value: 8_400}\n", "reason: reset_met}\n", "reason"),
        ("value: 8_400}\n", "sentence: twelve}\n", "sentence"),
        ("value: 8_400}\n", "group: {place: PL}}\n", "group.place"),
        ("value: 8_400}\n", "grade: probable}\n", "grade"),
        ("value: 8_400}\n", "origins: 2}\n", "origins"),
        ("value: 8_400}\n", "late: true}\n", "late"),
        ("value: 8_400}\n", "contested: true}\n", "contested"),
        ("value: 8_400}\n", "previous: warning}\n", "previous"),
    ],
)
def test_whatever_differs_is_named_and_only_that(old: str, new: str, what: str) -> None:
    changed = ONE.replace(old, new)
    assert changed != ONE
    (pair,) = outcome(changed).pairs
    assert [one.what for one in pair.differences] == [what]


@pytest.mark.parametrize("more", ["at: 2024-01-01", "at: 2024-01-01T12:00:00Z", "reason: level_crossed", "sentence: '8,400  person'"])
def test_what_is_so_may_be_written_shorter(more: str) -> None:
    assert outcome(ONE.replace("value: 8_400}\n", more + "}\n")).ok


def test_what_is_missing_and_what_nobody_expected() -> None:
    nothing = outcome(ONE.replace("expect:\n      - {transition: firing, level: warning, value: 8_400}", "expect: []"))
    assert [(pair.expected, pair.got and pair.got.transition) for pair in nothing.pairs] == [(None, "firing")]
    more = outcome(ONE + "      - {transition: resolved}\n      - {transition: firing}\n")
    assert [pair.ok for pair in more.pairs] == [True, False, False] and not more.ok
    assert all(pair.got is None for pair in more.pairs[1:])
    before = outcome(ONE.replace("expect:\n", "expect:\n      - {transition: resolved}\n"))
    assert [(pair.ok, pair.got is None) for pair in before.pairs] == [(False, True), (True, False)]


def test_a_test_that_expects_nothing_can_say_why_nothing_comes() -> None:
    quiet = ONE.replace("value: 8_400, period", "modality: historical, value: 8_400, period").split("    expect")[0]
    assert outcome(quiet + "    answers: {historical: 1}\n    expect: []\n").ok
    wrong = outcome(quiet + "    answers: {hypothetical: 1}\n    expect: []\n")
    assert [(one.what, one.expected, one.got) for one in wrong.answers] == [
        ("answers.historical", 0, 1),
        ("answers.hypothetical", 1, 0),
    ]


def test_copies_are_documents_of_their_own_and_one_origin() -> None:
    text = "An earthquake in Turkey killed 64 people on Tuesday, the interior ministry said. Rescuers dug through the night."
    rules = rule_set((SHIPPED / "disasters.yaml").read_text())
    found = written(
        "rules: r\ntests:\n  - name: copies\n    rule: deaths\n    articles:\n"
        f"      - {{at: 2024-02-06T08:00, copies: 40, every: 1h, text: '{text}'}}\n    answers: {{applied: 40}}\n"
        "    expect: [{transition: pending, origins: 1}]\n"
    )
    result = try_case(found.content.tests[0], rules)
    assert result.ok and len(result.heard) == 40
    assert result.heard[39].at - result.heard[0].at == timedelta(hours=39)


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "says"),
    [
        ("    rule: daily", "    rule: dayly", 4, 5, "unknown rule 'dayly'; did you mean 'daily'?"),
        ("level: warning", "level: waning", 8, 30, "rule daily has no level 'waning'; did you mean 'warning'?"),
        ("transition: firing", "transition: fired", 8, 10, "'firing'"),
        ("transition: firing", "transitoin: firing", 8, 10, "unknown key 'transitoin'; did you mean 'transition'?"),
        ("indicator: apprehensions", "indicator: aprehensions", 6, 32, "did you mean 'apprehensions'?"),
        ("at: 2024-01-01T12:00", "at: noon", 6, 10, "expected a date or time such as 2024-01-31"),
        ("{at: 2024-01-01T12:00, ", "{", 6, 9, "expected `at` (when it comes) or `published`"),
        ("value: 8_400, period", "period", 6, 9, "expected `value`, or `low` and `high`"),
        ("    claims:", "    clams:", 5, 5, "unknown key 'clams'; did you mean 'claims'?"),
        ("    rule: daily\n", "", 7, 9, "'rule' is missing, here or in the test"),
        ("    expect:", "    answers: {histerical: 1}\n    expect:", 7, 15, "did you mean 'historical'?"),
        ("    expect:", "    articles: [{at: 2024-01-01, published: 2025-01-01, text: x}]\n    expect:", 7, 16, "published_in_future"),
        ("    expect:", "    articles: [{at: 2024-02-30, text: x}]\n    expect:", 1, 1, "day"),
        ("rules: rules.yaml", "rules: [", 3, 3, "expected the node content"),
        ("tests:", "test:", 2, 1, "did you mean 'tests'?"),
    ],
)
def test_a_fault_in_a_test_has_its_place(old: str, new: str, line: int, column: int, says: str) -> None:
    found = faults(ONE.replace(old, new, 1))
    assert any((fault.line, fault.column) == (line, column) and says in fault.message for fault in found), [str(fault) for fault in found]


CASES = [
    pytest.param(path, number, id=f"{path.name}: {case.name}")
    for path in sorted(SHIPPED.glob("*.test.yaml"))
    for number, case in enumerate(written(path.read_text(encoding="utf-8")).content.tests)
]


@pytest.mark.parametrize(("path", "number"), CASES)
def test_the_tests_of_the_shipped_rules_hold(path: Path, number: int) -> None:
    found = written(path.read_text(encoding="utf-8"))
    rules = rule_set((path.parent / found.content.rules).read_text(encoding="utf-8"))
    assert check(found, rules) == ()
    result = try_case(found.content.tests[number], rules)
    assert result.ok, ([pair for pair in result.pairs if not pair.ok], result.answers)


@pytest.mark.parametrize(
    "path", [path for path in SHIPPED.glob("*.yaml") if not path.name.endswith(".test.yaml")], ids=lambda path: path.name
)
def test_every_shipped_rule_is_free_of_doubt_and_fires_in_a_test(path: Path) -> None:
    rules = read(path.read_text(encoding="utf-8"), file=path.name, family_of=dict(FAMILY_OF))
    assert isinstance(rules, Written), rules
    assert advise(rules) == ()
    cases = written(path.with_suffix(".test.yaml").read_text(encoding="utf-8")).content.tests
    fired = {wanted.rule or case.rule for case in cases for wanted in case.expect if wanted.transition == "firing"}
    assert {rule.id for rule in rules.content.rules} == fired


# --- advice ---------------------------------------------------------------------------------------------------------------------

PLAIN = """\
schema: 1
rules:
  - id: daily
    title: Daily
    match:
      indicator: [apprehensions]
      place: {is: us-southwest-border}
    value: {unit: person, per: day}
    when: {levels: [{level: warning, at: 8_000, reset: 7_200}]}
    lifetime: {valid_for: 10d}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("us-southwest-border", "us-southwest-boarder", 7, "place 'us-southwest-boarder'; did you mean 'us-southwest-border'?"),
        ("{is: us-southwest-border}", "{within: usa}", 7, "place 'usa'"),
        ("    value:", "      attribution: {require: [us-cpb]}\n    value:", 8, "office 'us-cpb'; did you mean 'us-cbp'?"),
        ("    value:", "      attribution: {require: [us-cbp], deny: [us-cbp]}\n    value:", 8, "us-cbp is required and denied"),
        ("    value:", "      source: {deny: ['https://www.satire.example/']}\n    value:", 8, "scheme and www.: satire.example"),
        ("    value:", "      source: {deny: [a.example], allow: [a.example]}\n    value:", 8, "a.example is allowed and denied"),
        ("unit: person", "unit: tonne", 8, "no figure of apprehensions has the unit 'tonne'"),
        ("[apprehensions]", "[other]", 6, "no rule sees them"),
        ("[apprehensions]", "[caravan_size]", 8, "counts at one time"),
        ("    lifetime:", "    notify: {repeat: 20d}\n    lifetime:", 10, "expires before it is repeated"),
        (
            "    lifetime:",
            "    confirm: {min_origins: 2, distinct_by: publisher}\n    group_by: [publisher]\n    lifetime:",
            10,
            "never come together",
        ),
        (
            "    lifetime:",
            "    annotations: {summary: '{{ valeu }}'}\n    lifetime:",
            10,
            "fails when it is filled in: 'valeu' is undefined",
        ),
        ("    lifetime:", "    annotations: {summary: '{{ 1 / 0 }}'}\n    lifetime:", 10, "fails when it is filled in"),
        ("    lifetime:", "    annotations: {note: x}\n    lifetime:", 10, "only `summary`"),
    ],
)
def test_what_is_valid_and_hardly_meant_is_pointed_at(old: str, new: str, line: int, says: str) -> None:
    found = read(PLAIN.replace(old, new, 1), file="r.yaml")
    assert isinstance(found, Written), found
    assert any(fault.line == line and says in fault.message for fault in advise(found)), [str(fault) for fault in advise(found)]


def test_too_few_voices_are_admitted() -> None:
    text = PLAIN.replace("    value:", "      attribution: {require: [us-cbp]}\n    value:")
    text += "    confirm: {min_origins: 2, distinct_by: attribution}\n"
    found = read(text, file="r.yaml")
    assert isinstance(found, Written)
    assert [fault.message for fault in advise(found)] == ["2 are asked for, and `match` admits 1: the rule never fires"]
    plain = read(PLAIN, file="r.yaml")
    assert isinstance(plain, Written) and advise(plain) == ()


def test_a_summary_that_fails_only_on_some_figures_does_no_harm() -> None:
    rules = rule_set(PLAIN + "    annotations: {summary: '{{ value.point + 1 }}'}\n")
    (alert,) = rehearse(rules, [Timed(START, record(None, figure=Interval(low=9_000, high=None)))])
    assert alert.summary == "Daily: many (warning)"
