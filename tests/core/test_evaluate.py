"""The state machine of one alert: the vectors of semantics section 4, and what holds for any input."""

from datetime import date, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.claims import ClaimRecord
from schemas.codec import decode, encode
from schemas.figure import Interval
from streams.core.assess import Series
from streams.core.evaluate import Event, Outcome, change, revise, step, tick, wake_at
from streams.core.report import document_key
from streams.core.rules import Rule
from streams.core.transitions import TABLE, diagram
from streams.core.voices import current
from tests.core.build import START, figure, record, rule

VECTOR = rule("""
  - id: vector
    title: The vector of semantics section 4
    match: {indicator: [apprehensions]}
    value: {unit: person, per: day}
    when:
      levels:
        - {level: INFO, at: 60, reset: 50}
        - {level: WARNING, at: 70, reset: 60}
        - {level: CRITICAL, at: 80, reset: 70}
""")
DAILY = rule("""
  - id: daily
    title: Daily
    match: {indicator: [apprehensions]}
    value: {unit: person, per: day}
    when:
      levels:
        - {level: warning, at: 8_000, reset: 7_200}
        - {level: critical, at: 10_000, reset: 9_000}
""")
PLAIN = rule("""
  - id: plain
    title: Without reset
    match: {indicator: [apprehensions]}
    value: {unit: person, per: day}
    when: {levels: [{level: one, at: 10}, {level: two, at: 20}, {level: three, at: 30}]}
""")
TWO = rule("""
  - id: two
    title: Two origins
    match: {indicator: [apprehensions]}
    value: {unit: person, per: day}
    when: {levels: [{level: high, at: 10_000, reset: 9_000}]}
    confirm: {min_origins: 2, within: 24h}
""")
TOLL = rule("""
  - id: toll
    title: Abducted
    match: {indicator: [apprehensions]}
    value: {unit: person, per: day}
    when: {levels: [{level: warning, at: 100, reset: 80}, {level: critical, at: 200, reset: 150}]}
""")

Said = tuple[ClaimRecord, str]
"""A claim and its origin."""


class Run:
    """A series and what happened to it."""

    def __init__(self, of: Rule) -> None:
        self.rule = of
        self.series = Series()
        self.events: list[Event] = []
        self.now = START

    def say(self, *said: Said) -> "Run":
        for made, origin in said:
            self.now = max(self.now, made.published)
            done = step(self.rule, self.series, figure(self.rule, made, origin), self.now)
            self.series = decode(encode(done.series), Series)
            self.events += done.events
            self.outcome: Outcome = done.outcome
        return self

    @property
    def transitions(self) -> list[str]:
        return [event.transition for event in self.events]


def test_the_vector_of_levels_with_hysteresis() -> None:
    run, levels = Run(VECTOR), []
    for day, value in enumerate((61, 73, 64, 85, 62, 56, 47)):
        run.say((record(value, day=day, about=(START + timedelta(days=day)).date()), "one"))
        levels.append(run.series.level or "OK")
    assert levels == ["INFO", "WARNING", "WARNING", "CRITICAL", "INFO", "INFO", "OK"]
    assert run.transitions == ["firing", "escalated", "escalated", "deescalated", "resolved"]


def test_the_vector_holds_when_every_day_is_another_origin() -> None:
    run, levels = Run(VECTOR), []
    for day, value in enumerate((61, 73, 64, 85, 62, 56, 47)):
        run.say((record(value, day=day, about=(START + timedelta(days=day)).date()), f"origin {day}"))
        levels.append(run.series.level or "OK")
    assert levels == ["INFO", "WARNING", "WARNING", "CRITICAL", "INFO", "INFO", "OK"]


def test_one_story_fires_once_and_its_copies_say_nothing() -> None:
    run = Run(DAILY).say(*((record(10_000, day=n / 24, document=f"copy {n}"), "wire") for n in range(40)))
    assert run.transitions == ["firing"]
    assert run.events[0].level == "critical"
    assert len(run.series.held) == 1
    assert len(run.series.held[0].publishers) == 40


def test_around_counts_and_nearly_or_up_to_do_not() -> None:
    approx = Interval(low=9_000, high=11_000, point=10_000)
    nearly = Interval(low=9_000, high=10_000, high_closed=False)
    up_to = Interval(low=0, high=10_000)
    assert Run(TWO_AT_ONE).say((record(figure=approx), "a")).transitions == ["firing"]
    assert Run(TWO_AT_ONE).say((record(figure=nearly), "a")).transitions == []
    assert Run(TWO_AT_ONE).say((record(figure=up_to), "a")).transitions == []


TWO_AT_ONE = TWO.model_copy(update={"confirm": TWO.confirm.model_copy(update={"min_origins": 1})})


def test_a_figure_for_the_same_day_from_another_voice_contests_and_does_not_lower() -> None:
    today = START.date()
    run = Run(DAILY).say((record(10_500, about=today), "a"), (record(5_000, day=0.1, about=today, by="mx-inm"), "b"))
    assert run.transitions == ["firing", "updated"]
    assert run.series.level == "critical"
    assert run.events[1].reason == "contested_changed" and run.events[1].contested


def test_a_later_lower_figure_resolves_and_carries_itself_as_evidence() -> None:
    run = Run(DAILY).say((record(10_500), "a"), (record(6_800, day=2), "b"))
    assert run.transitions == ["firing", "resolved"]
    assert run.events[1].evidence[0].figure.point == 6_800
    assert run.events[1].previous == "critical" and run.events[1].level is None


def test_a_lower_figure_above_the_reset_changes_nothing() -> None:
    run = Run(DAILY).say((record(10_500), "a"), (record(9_500, day=2), "a"))
    assert run.transitions == ["firing"] and run.series.level == "critical"


def test_an_older_figure_is_history_and_neither_lowers_nor_raises() -> None:
    run = Run(DAILY).say((record(10_500, day=5), "a"), (record(5_000, day=6, about=date(2023, 12, 2)), "b"))
    assert run.outcome == "history" and run.transitions == ["firing"]
    run = Run(DAILY).say((record(5_000, day=5), "a"), (record(12_000, day=6, about=date(2023, 12, 2)), "b"))
    assert run.transitions == []


def test_a_reopened_alert_is_a_new_episode_with_new_ids() -> None:
    run = Run(DAILY).say((record(10_500), "a"), (record(5_000, day=1), "a"), (record(11_000, day=2), "a"))
    assert run.transitions == ["firing", "resolved", "firing"]
    assert [event.episode for event in run.events] == [1, 1, 2]
    assert [event.sequence for event in run.events] == [1, 2, 1]


def test_two_origins_are_needed_where_the_rule_says_so() -> None:
    run = Run(TWO).say((record(10_500), "a"), (record(10_500, day=0.1, document="copy"), "a"))
    assert run.transitions == ["pending"]
    run.say((record(10_700, day=0.2), "b"))
    assert run.transitions == ["pending", "firing"]
    assert [event.episode for event in run.events] == [1, 1]


def test_two_origins_too_far_apart_do_not_confirm_each_other() -> None:
    run = Run(TWO).say((record(10_500), "a"), (record(10_700, day=3), "b"))
    assert run.transitions == ["pending"]


def test_old_news_on_arrival_is_stale() -> None:
    run = Run(DAILY).say((record(3_000, day=30), "a"), (record(12_000, day=1), "b"))
    assert run.outcome == "stale" and run.transitions == []


def test_a_claim_later_than_allowed_changes_state_and_is_marked_late() -> None:
    run = Run(DAILY).say((record(None, figure=Interval(low=0, high=None), day=5), "a"), (record(12_000, day=2), "b"))
    assert run.transitions == ["firing"] and run.events[0].late


def test_an_alert_without_fresh_evidence_expires() -> None:
    run = Run(DAILY).say((record(10_500), "a"))
    series, events = tick(DAILY, run.series, START + timedelta(days=10, seconds=1))
    assert [event.transition for event in events] == ["expired"] and series.level is None
    assert tick(DAILY, run.series, START + timedelta(days=10)) == (run.series, ())


def test_late_copies_do_not_keep_an_alert_alive() -> None:
    run = Run(DAILY).say((record(10_500), "a"), (record(10_500, day=9, document="copy"), "a"))
    _, events = tick(DAILY, run.series, START + timedelta(days=10, seconds=1))
    assert [event.transition for event in events] == ["expired"]


def test_a_growing_toll_from_conflicting_sources_escalates_once_and_does_not_flap() -> None:
    over = Interval(low=100, high=None)
    run = Run(TOLL).say(
        (record(None, figure=over, day=0, by=None, start=1), "a"),
        (record(200, day=1, by="principal"), "b"),
        (record(130, day=1.2, by="army"), "c"),
        (record(234, day=4, by="parents"), "d"),
        (record(276, day=15, by="police"), "e"),
    )
    assert run.transitions[:3] == ["firing", "escalated", "updated"]
    assert run.events[2].contested
    assert "resolved" not in run.transitions and "deescalated" not in run.transitions
    assert run.series.level == "critical"


def test_below_is_the_mirror_of_above() -> None:
    low = rule("""
  - id: low
    title: Few
    match: {indicator: [apprehensions]}
    value: {unit: person, per: day}
    when: {direction: below, levels: [{level: low, at: 500, reset: 800}, {level: none, at: 100, reset: 200}]}
""")
    run = Run(low).say(*((record(value, day=day), "a") for day, value in enumerate((900, 450, 90, 150, 300, 700, 950))))
    assert run.transitions == ["firing", "escalated", "deescalated", "resolved"]


def test_a_version_that_lowers_the_figure_retracts_the_alert() -> None:
    first = record(10_500, document="d")
    run = Run(DAILY).say((first, "a"), (record(6_800, day=0.2, document="d", version=2), "a"))
    assert run.transitions == ["firing", "retracted"]
    assert run.events[1].reason == "evidence_withdrawn" and run.events[1].previous == "critical"
    assert run.series.phase == "idle"


def test_a_version_that_lowers_the_figure_to_a_lower_level_retracts_down_to_it() -> None:
    run = Run(DAILY).say((record(10_500, document="d"), "a"), (record(9_500, day=0.2, document="d", version=2), "a"))
    assert run.transitions == ["firing", "retracted"]
    assert (run.series.phase, run.series.level) == ("firing", "warning")


def test_a_version_that_says_the_same_again_says_nothing() -> None:
    run = Run(DAILY).say((record(10_500, document="d"), "a"), (record(10_500, day=0.2, document="d", version=2), "a"))
    series, events = revise(DAILY, run.series, document_key("d"), 2, run.now)
    assert run.transitions == ["firing"] and events == () and series.level == "critical"


def test_a_withdrawn_document_takes_its_alert_back() -> None:
    run = Run(DAILY).say((record(10_500, document="d"), "a"))
    series, events = revise(DAILY, run.series, document_key("d"), 2, run.now)
    assert [event.transition for event in events] == ["retracted"] and series.phase == "idle" and series.held == ()


def test_a_withdrawn_document_takes_nothing_back_that_a_copy_still_says() -> None:
    run = Run(DAILY).say((record(10_500, document="d"), "a"), (record(10_500, day=0.1, document="copy"), "a"))
    series, events = revise(DAILY, run.series, document_key("d"), 2, run.now)
    assert events == () and series.level == "critical"
    assert series.held[0].evidence[0].document == "copy"


def test_a_removed_rule_closes_its_alerts_and_a_changed_one_finds_their_level_anew() -> None:
    run = Run(DAILY).say((record(10_500), "a"))
    assert [event.transition for event in change(None, run.series, DAILY, run.now)[1]] == ["closed"]

    def at(warning: int, critical: int) -> Rule:
        levels = DAILY.when.levels
        new = (
            levels[0].model_copy(update={"at": warning, "reset": warning}),
            levels[1].model_copy(update={"at": critical, "reset": critical}),
        )
        return DAILY.model_copy(update={"when": DAILY.when.model_copy(update={"levels": new})})

    assert change(at(8_000, 10_100), run.series, DAILY, run.now)[1] == ()
    (lower,) = change(at(8_000, 11_000), run.series, DAILY, run.now)[1]
    assert (lower.transition, lower.reason, lower.level) == ("deescalated", "rule_changed", "warning")
    (closed,) = change(at(11_000, 12_000), run.series, DAILY, run.now)[1]
    assert (closed.transition, closed.reason) == ("closed", "rule_changed")


def test_an_alert_that_lasts_is_repeated() -> None:
    repeating = DAILY.model_copy(update={"notify": DAILY.notify.model_copy(update={"repeat": 86_400.0})})
    run = Run(repeating).say((record(10_500), "a"))
    assert wake_at(repeating, run.series) == START + timedelta(days=1)
    assert tick(repeating, run.series, START + timedelta(hours=23))[1] == ()
    series, events = tick(repeating, run.series, START + timedelta(days=1))
    assert [event.transition for event in events] == ["repeated"]
    assert wake_at(repeating, series) == START + timedelta(days=2)


def test_wake_at_is_when_the_clock_alone_does_something() -> None:
    run = Run(DAILY).say((record(10_500), "a"))
    wake = wake_at(DAILY, run.series)
    assert wake is not None
    assert tick(DAILY, run.series, wake - timedelta(seconds=1))[1] == ()
    assert [event.transition for event in tick(DAILY, run.series, wake)[1]] == ["expired"]


def test_every_phase_knows_every_signal_that_may_reach_it() -> None:
    every = {signal for _, signal in TABLE}
    impossible = {
        ("idle", "moved"), ("idle", "lowered"), ("idle", "reset"), ("idle", "corrected"), ("idle", "due"),
        ("pending", "moved"), ("pending", "lowered"), ("pending", "reset"), ("pending", "corrected"), ("pending", "due"),
        ("firing", "unconfirmed"),
    }  # fmt: skip
    phases = ("idle", "pending", "firing")
    assert {(phase, signal) for phase in phases for signal in every} - set(TABLE) == impossible


def test_the_diagram_in_the_docs_is_drawn_from_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "semantics.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{diagram()}```" in page, "copy streams.core.transitions.diagram() into docs/semantics.md"


# --- what holds for any input --------------------------------------------------------------------------------------------

VOICES = st.tuples(st.sampled_from("ab"), st.sampled_from(["us-cbp", "mx-inm", None]))


@st.composite
def stories(draw: st.DrawFn) -> list[Said]:
    """Claims of a few voices over a few days, values around the levels, dated or not."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        origin, by = draw(VOICES)
        day = draw(st.integers(0, 3))
        about = draw(st.none() | st.integers(0, 3).map(lambda n: (START + timedelta(days=n)).date()))
        value = draw(st.sampled_from([5, 10, 15, 20, 25, 30, 35]))
        made.append((record(value, day=day, by=by, about=about, document=f"d{number}"), origin))
    return made


@settings(max_examples=60)
@given(stories())
def test_duplicates_change_nothing(said: list[Said]) -> None:
    once, twice = Run(PLAIN).say(*said), Run(PLAIN).say(*(item for item in said for _ in range(2)))
    assert once.series == twice.series and once.events == twice.events


@settings(max_examples=60)
@given(stories())
def test_replaying_everything_after_the_end_changes_nothing(said: list[Said]) -> None:
    run = Run(PLAIN).say(*said)
    series, events = run.series, list(run.events)
    run.say(*said)
    assert run.series == series and run.events == events


@settings(max_examples=60)
@given(stories())
def test_the_order_of_arrival_does_not_change_what_is_current(said: list[Said]) -> None:
    end = max(made.published for made, _ in said)

    def outcome(order: tuple[Said, ...]) -> tuple[object, ...]:
        run = Run(PLAIN)
        run.now = end
        run.say(*order)
        return tuple((one.origin, one.voice, one.figure, one.effective_end) for one in current(run.series.held))

    expected = outcome(tuple(said))
    for order in list(permutations(said))[:24]:
        assert outcome(order) == expected


@settings(max_examples=60)
@given(stories())
def test_without_reset_the_order_of_dated_figures_does_not_change_the_level(said: list[Said]) -> None:
    """Undated ones are left out: a late copy may show that what seemed newer only restated something."""
    dated = [(made, origin) for made, origin in said if made.claim.reference is not None]
    if not dated:
        return
    end = max(made.published for made, _ in dated)
    levels = set()
    for order in list(permutations(dated))[:24]:
        run = Run(PLAIN)
        run.now = end
        levels.add(run.say(*order).series.level)
    assert len(levels) == 1


def test_a_newer_figure_just_at_the_threshold_still_meets_it() -> None:
    run = Run(PLAIN).say((record(15, day=0), "a"), (record(10, day=1), "b"))
    assert run.transitions == ["firing", "updated"] and run.series.level == "one"


def test_a_voice_that_changes_its_mind_the_same_day_takes_its_own_alert_back() -> None:
    run = Run(DAILY).say((record(10_500), "a"), (record(6_000, day=0.2), "a"))
    assert run.transitions == ["firing", "resolved"]
    run = Run(DAILY).say((record(10_500), "a"), (record(10_600, day=0.1), "b"), (record(6_000, day=0.2), "a"))
    assert run.series.level == "critical" and run.series.contested


def test_where_a_voice_changes_its_mind_another_still_holds_a_lower_level() -> None:
    run = Run(PLAIN).say(
        (record(20, day=0.1, by="us-cbp"), "a"), (record(10, day=0.2, by="mx-inm"), "a"), (record(5, day=0.3, by="us-cbp"), "a")
    )
    assert run.transitions[-1] == "deescalated" and run.series.level == "one"


def test_where_a_voice_changes_its_mind_an_older_figure_of_another_holds_nothing_that_it_rules_out() -> None:
    older = [(record(value, day=0, by="us-cbp", about=START.date()), "a") for value in (20, 10)]
    newer = [(record(value, day=3 + value / 100, by="mx-inm", about=(START + timedelta(days=3)).date()), "a") for value in (20, 5)]
    newer[1] = (record(5, day=3.5, by="mx-inm", about=(START + timedelta(days=3)).date(), document="later"), "a")
    run = Run(PLAIN).say(*older, *newer)
    assert run.transitions[-1] == "resolved" and run.series.level is None


@settings(max_examples=40)
@given(stories(), st.integers(2, 5))
def test_copies_of_an_origin_equal_one(said: list[Said], copies: int) -> None:
    """Copies carry their own document and a later time, but the same text: value, voice and no new date."""
    undated = [(made, origin) for made, origin in said if made.claim.reference is None][:1]
    if not undated:
        return
    made, origin = undated[0]
    more = [
        (record(made.claim.point, day=n, by=made.claim.attribution.id if made.claim.attribution else None, document=f"copy {n}"), origin)  # type: ignore[arg-type]
        for n in range(3, 3 + copies)
    ]
    assert Run(PLAIN).say((made, origin), *more).transitions == Run(PLAIN).say((made, origin)).transitions


@settings(max_examples=60)
@given(stories())
def test_no_event_without_a_reason_and_evidence_and_sequences_count_up(said: list[Said]) -> None:
    run = Run(PLAIN).say(*said)
    seen: dict[int, int] = {}
    for event in run.events:
        assert event.reason and event.evidence
        assert event.sequence == seen.get(event.episode, 0) + 1
        seen[event.episode] = event.sequence


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_without_reset_the_order_of_arrival_does_not_change_the_level(order: tuple[int, ...]) -> None:
    said = [(record(35, day=0), "a"), (record(12, day=1), "b"), (record(22, day=2), "c")]
    run = Run(PLAIN)
    run.now = START + timedelta(days=2)
    run.say(*(said[i] for i in order))
    assert run.series.level == "two"
