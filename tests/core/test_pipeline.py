"""The pure step from a claim to alerts: origins, identity, crash and resume, and what a partition remembers."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.alert import Alert
from schemas.article import Article
from schemas.claims import ClaimRecord, Record, Revision, RulesChange, Tick
from schemas.codec import encode
from schemas.enriched import Enriched
from schemas.figure import Interval
from streams.core.enrich import enrich, records
from streams.core.intake import Rejected, receive
from streams.core.kept import Clock
from streams.core.origin import Origin, OriginIndex, contained, signature
from streams.core.pipeline import FORGET, Watch
from streams.core.rules import RuleSet, parse
from streams.core.state import Memo, packed
from tests.core.build import START, record

RULES = """
schema: 1
rules:
  - id: daily
    title: Daily
    match: {indicator: [apprehensions], place: {within: us}}
    value: {unit: person, per: day}
    when: {levels: [{level: warning, at: 8_000, reset: 7_200}, {level: critical, at: 10_000, reset: 9_000}]}
    annotations: {summary: "{{ group.place }}: {{ value.text }} ({{ level }})"}
    labels: {team: t}
  - id: silent
    title: Off
    state: off
    match: {indicator: [apprehensions]}
    value: {unit: person, per: day}
    when: {levels: [{level: any, at: 1}]}
  - id: shadow
    title: Shadow
    state: shadow
    match: {indicator: [apprehensions], min_confidence: 0.99}
    value: {unit: person, per: day}
    when: {levels: [{level: any, at: 1}]}
"""
FOUND = parse(RULES)
assert isinstance(FOUND, RuleSet)
OTHER_RULES = parse(RULES.replace("id: daily", "id: other").replace("10_000", "9_500"))
assert isinstance(OTHER_RULES, RuleSet)
STORY = " ".join(f"word{n} and then some more of the story" for n in range(60))
OTHER = " ".join(f"thing{n} of quite another report in full" for n in range(60))


class Log:
    """A partition with its state, as the live worker and a replay both drive it."""

    def __init__(self, store: dict[str, Any] | None = None, partition: int = 3, *, loose: bool = False, rules: RuleSet = FOUND) -> None:
        self.store: dict[str, Any] = {} if store is None else store
        self.watch = Watch(
            rules,
            self.store,
            partition,
            family_of={"apprehensions": "border_flow"},
            within=lambda place, region: place.startswith(region),
            known={FOUND.hash: FOUND, OTHER_RULES.hash: OTHER_RULES},
            loose=loose,
        )
        self.alerts: list[Alert] = []
        self.at = START

    def read(self, records: Iterable[Record], *, settle: bool = True, offset: int | None = None) -> "Log":
        """Take records in; with `offset`, that of the first, as those of a log."""
        for number, one in enumerate(records):
            at = one.published if isinstance(one, ClaimRecord) else one.now if isinstance(one, Tick) else self.at
            verdict = self.watch.apply(one, at, None if offset is None else offset + number)
            self.alerts += verdict.alerts
            self.tallies = verdict.tallies
            if settle:
                self.watch.settle(verdict, self.write)
        return self

    def write(self, key: str, value: Any) -> None:
        if value is None:
            del self.store[key]
        else:
            self.store[key] = value

    @property
    def bytes(self) -> list[bytes]:
        return [encode(alert) for alert in self.alerts]


def story(value: int, day: float, text: str = STORY, **more: object) -> ClaimRecord:
    return replace(record(value, day=day, **more), signature=signature(text))  # type: ignore[arg-type]


def test_the_alert_shows_the_figure_its_place_its_source_and_its_sentence() -> None:
    (alert,) = Log().read([story(10_000, 0)]).alerts
    assert (alert.transition, alert.level, alert.reason, alert.group) == (
        "firing",
        "critical",
        "level_crossed",
        {"place": "us-southwest-border"},
    )
    assert alert.summary == "us-southwest-border: 10,000 (critical)"
    assert (alert.condition.at, alert.condition.reset, alert.value.point, alert.value.grade) == (10_000, 9_000, 10_000, "certain")
    assert alert.evidence[0].attribution_id == "us-cbp" and alert.evidence[0].sentence
    assert alert.times.expires_at == alert.times.published_at + timedelta(days=10)
    assert alert.times.emitted_at is None and alert.mode == "live" and alert.labels == {"team": "t"}


def test_ten_copies_in_ten_papers_are_one_alert() -> None:
    copies = [story(10_000, n / 24, document=f"copy {n}", text=STORY.replace("word7 ", f"paper{n} ")) for n in range(10)]
    assert len({one.document for one in copies}) == 10
    assert [alert.transition for alert in Log().read(copies).alerts] == ["firing"]


def test_another_report_is_another_origin() -> None:
    log = Log().read([story(10_000, 0), story(10_100, 0.1, text=OTHER)])
    assert [alert.reason for alert in log.alerts] == ["level_crossed", "new_origin"]
    assert log.alerts[1].corroboration.origins == 2


def test_signatures_tell_a_rewrite_from_another_story() -> None:
    rewritten = STORY.replace("word5 ", "x ").replace("word30 ", "y ").upper()
    half = " ".join(STORY.split()[:250])
    assert contained(signature(STORY), signature(rewritten)) > 0.8
    assert contained(signature(STORY), signature(half + OTHER)) > 0.3
    assert contained(signature(STORY), signature(half)) > 0.8
    assert contained(signature(STORY), signature(OTHER)) < 0.1
    assert contained(signature(STORY), ()) == 0


def test_less_in_common_is_enough_where_a_quotation_is_shared() -> None:
    said = "“We have never seen so many people come to this bridge in one morning and we will need help,” the mayor said. "
    shared, third = STORY.split()[:170], "They asked for tents and for water at the town hall again. "
    one = signature(said + " ".join(shared) + OTHER[:1_500])
    other = signature(said + " ".join(shared) + " ".join(f"{third}{n}" for n in range(40)))
    without = signature(" ".join(shared) + " ".join(f"{third}{n}" for n in range(40)))
    assert 0.25 <= contained(one, other) < 0.4 and 0.25 <= contained(one, without) < 0.4, "in between"
    known = OriginIndex([Origin(id="known", signature=one, published=START)])
    assert known.find(other, since=START) == "known" and known.find(without, since=START) is None


def test_only_a_text_that_says_something_for_claims_has_a_signature() -> None:
    def read(text: str) -> Enriched:
        document = receive(Article(text=text), timestamp=START)
        assert not isinstance(document, Rejected)
        return enrich(document)

    money = read("The firm paid $40 million for the bridge, the mayor said.")
    assert money.claims and not records(money) and money.signature == ()
    text = "Some 11,000 migrants were apprehended daily at the southwest border, officials said."
    assert records(read(text)) and read(text).signature == signature(text)


def test_a_rule_in_shadow_speaks_in_shadow_and_one_that_is_off_not_at_all() -> None:
    alerts = Log().read([story(10_000, 0, confidence=1.0)]).alerts
    assert {(alert.rule.id, alert.mode) for alert in alerts} == {("daily", "live"), ("shadow", "shadow")}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"modality": "hypothetical"}, "hypothetical"),
        ({"modality": "historical"}, "historical"),
        ({"modality": "negated"}, "negated"),
        ({"modality": "planned"}, "planned"),
        ({"kind": "change"}, "change"),
        ({"scope": "part"}, "other_scope"),
        ({"unit": "family"}, "other_unit"),
        ({"place": None}, "unknown_place"),
        ({"confidence": 0.2}, "low_confidence"),
        ({"period": "cumulative"}, "no_period"),
    ],
)
def test_a_claim_that_is_no_match_is_counted_with_the_reason(changed: dict[str, object], why: str) -> None:
    log = Log().read([story(10_000, 0, **changed)])
    assert log.alerts == [] and log.tallies["daily", why] == 1


def test_an_alert_says_whether_receivers_are_to_be_told() -> None:
    def decisions(notify: str, *records: Record) -> list[tuple[str, str]]:
        rules = parse(RULES.replace("{team: t}", "{team: t}\n    notify: " + notify))
        assert isinstance(rules, RuleSet), rules
        log = Log()
        log.watch = Watch(rules, log.store, 3, family_of={"apprehensions": "border_flow"}, within=lambda place, region: True, known={})
        return [(alert.transition, alert.notify.decision) for alert in log.read(records).alerts if alert.rule.id == "daily"]

    assert decisions("{on: [firing]}", story(9_000, 0)) == [("firing", "due")]
    assert decisions("{on: [resolved]}", story(9_000, 0)) == [("firing", "unlisted")]
    assert decisions("{on: [firing]}", story(9_000, 0), story(12_000, 1, OTHER)) == [("firing", "due"), ("escalated", "unlisted")]
    assert FOUND.rules[0].notify.cooldown == 21_600 == Log().read([story(9_000, 0)]).alerts[0].notify.cooldown


def test_what_came_too_late_or_is_unconfirmed_is_never_told() -> None:
    waiting = parse(RULES.replace("annotations: {summary", "confirm: {min_origins: 2}\n    annotations: {summary"))
    assert isinstance(waiting, RuleSet)
    log = Log()
    log.watch = Watch(waiting, log.store, 3, family_of={"apprehensions": "border_flow"}, within=lambda *_: True, known={})
    assert [alert.notify.decision for alert in log.read([story(9_000, 0)]).alerts] == ["pending"]
    late = Log().read([story(9_000, 6), story(12_000, 1, OTHER)]).alerts
    assert [(alert.transition, alert.notify.decision) for alert in late if alert.late] == [("updated", "late")]


def test_a_near_miss_is_counted_and_not_told() -> None:
    log = Log().read([story(10_000, 0, figure=Interval(low=7_000, high=None))])
    assert log.alerts == [] and log.tallies["daily", "near_miss"] == 1


def test_a_crash_between_publishing_and_writing_gives_the_same_alerts_with_the_same_ids() -> None:
    records = [story(9_000, 0), story(12_000, 1, text=OTHER), story(5_000, 3)]
    whole = Log().read(records)
    crashed = Log().read(records[:1])
    lost = Log(crashed.store).read(records[1:2], settle=False)
    resumed = Log(crashed.store).read(records[1:])
    assert [*crashed.bytes, *resumed.bytes] == whole.bytes
    assert lost.bytes == resumed.bytes[: len(lost.bytes)]


values = st.lists(st.tuples(st.sampled_from([5_000, 8_500, 9_500, 11_000]), st.integers(0, 4), st.sampled_from([STORY, OTHER])), max_size=8)


@settings(max_examples=40)
@given(values, st.integers(0, 8))
def test_split_anywhere_and_resume_or_replay_twice_gives_the_same_bytes(drawn: list[tuple[int, int, str]], cut: int) -> None:
    records = [story(value, day, text=text, document=f"d{n}") for n, (value, day, text) in enumerate(drawn)]
    whole = Log().read(records)
    first = Log().read(records[:cut])
    second = Log(first.store).read(records[cut:])
    assert [*first.bytes, *second.bytes] == whole.bytes == Log().read(records).bytes
    assert second.store == whole.store
    assert Log(dict(whole.store)).read(records).bytes == [], "reprocessing everything says nothing new"


@settings(max_examples=40)
@given(values, st.integers(0, 8))
def test_state_that_is_not_bytes_yet_becomes_the_same_bytes(drawn: list[tuple[int, int, str]], cut: int) -> None:
    """A loose store, which may go on from bytes and be packed at any point, is a table that was not written down."""
    records: list[Record] = [story(value, day, text=text, document=f"d{n}") for n, (value, day, text) in enumerate(drawn)]
    records.insert(cut, RulesChange(hash=OTHER_RULES.hash, applied=START))
    records += [Tick(now=START + timedelta(days=9)), Revision(document="d0", version=2, published=START, ingested=START)]
    whole, first = Log().read(records), Log(loose=True).read(records[:cut])
    second = Log({key: packed(value) for key, value in first.store.items()}, loose=True).read(records[cut:])
    assert [*first.bytes, *second.bytes] == whole.bytes
    assert {key: packed(value) for key, value in second.store.items()} == whole.store


def test_a_memo_answers_from_the_bytes_and_keeps_to_its_room() -> None:
    clocks = [Clock(time=START + timedelta(days=n), moved=START) for n in range(50)]
    memo = Memo(room=20 * len(encode(clocks[0])))
    written = [memo.write(one) for one in clocks]
    assert [memo.read(data, Clock) for data in (*written, *written)] == clocks * 2
    assert memo.read(written[-1], Clock) is memo.read(bytes(bytearray(written[-1])), Clock)
    assert memo.held_bytes <= 20 * len(written[0])


def test_what_is_old_is_forgotten_so_that_state_stays_small() -> None:
    log = Log()
    for n in range(60):
        log.read([story(5_000 + n, n, text=f"{n} " * 5 + STORY.replace("word", f"w{n}x"), document=f"d{n}")])
    kept = [key for key in log.store if "|origin|" in key or "|document|" in key]
    assert len(kept) <= 2 * (FORGET.days + 3)
    assert Log(log.store).read([story(5_059, 59, document="again", text="59 " * 5 + STORY.replace("word", "w59x"))]).alerts == []


def test_a_later_version_without_the_figure_takes_the_alert_back_and_its_predecessors_are_refused() -> None:
    gone = Revision(document="d", version=2, published=START + timedelta(hours=2), ingested=START + timedelta(hours=2))
    log = Log().read([story(10_000, 0, document="d"), gone])
    assert [alert.transition for alert in log.alerts] == ["firing", "retracted"]
    log.read([story(10_100, 0.2, document="d")])
    assert log.tallies["daily", "revised"] == 1 and len(log.alerts) == 2
    assert Log().read([gone]).alerts == []


def test_a_tick_expires_an_alert_on_an_idle_topic_once() -> None:
    log = Log().read([story(10_000, 0)])
    assert log.watch.due(START + timedelta(days=9)) is None
    now = log.watch.due(START + timedelta(days=11))
    assert now == START + timedelta(days=11)
    log.read([Tick(now=now), Tick(now=now)])
    assert [alert.transition for alert in log.alerts] == ["firing", "expired"]
    assert log.watch.due(START + timedelta(days=12)) is None


def test_a_tick_is_due_after_a_restart_too_and_an_old_story_in_an_empty_topic_is_fresh() -> None:
    log = Log()
    log.watch.settle(log.watch.apply(story(10_000, 0), START + timedelta(days=700)), log.write)
    resumed = Log(log.store).watch
    assert resumed.due(START + timedelta(days=709)) is None
    assert resumed.due(START + timedelta(days=711)) == START + timedelta(days=11)


def test_series_without_an_alert_are_forgotten_in_the_end() -> None:
    log = Log().read([story(10_000, 0), story(5_000, 2)])
    assert [alert.transition for alert in log.alerts] == ["firing", "resolved"]
    now = log.watch.due(START + timedelta(days=40))
    assert now is not None
    log.read([Tick(now=now)])
    assert not [key for key in log.store if "|series|" in key]


def test_other_rules_take_over_at_their_offset() -> None:
    log = Log().read([story(9_600, 0), RulesChange(hash=OTHER_RULES.hash, applied=START), story(9_700, 1, text=OTHER)])
    assert [(alert.rule.id, alert.transition, alert.level) for alert in log.alerts] == [
        ("daily", "firing", "warning"),
        ("daily", "closed", None),
        ("other", "firing", "critical"),
    ]
    assert log.alerts[1].reason == "rule_removed" and log.alerts[2].rule.rules_hash == OTHER_RULES.hash
    assert Log(log.store).watch.rules == OTHER_RULES, "after a restart too"


@pytest.mark.parametrize(
    "changed",
    [
        {"low": 12_000, "high": 8_000, "point": None},
        {"confidence": 5.0},
        {"low": None, "high": None, "point": None},
        {"high": float("inf")},
    ],
)
def test_a_claim_that_no_reader_makes_is_rejected_and_changes_nothing(changed: dict[str, object]) -> None:
    made = story(10_000, 0)
    verdict = Log().watch.apply(replace(made, claim=replace(made.claim, **changed)), made.ingested)
    assert verdict.rejected and verdict.rejected.detail.count("$.claim.") == 1
    assert not verdict.changes and not verdict.alerts


THERE = RulesChange(hash=OTHER_RULES.hash, applied=START + timedelta(seconds=1))
BACK = RulesChange(hash=FOUND.hash, applied=START + timedelta(seconds=2))


@pytest.mark.parametrize(("committed", "killed"), [(committed, killed) for killed in range(7) for committed in range(killed + 1)])
def test_records_that_are_read_again_after_a_crash_do_nothing(committed: int, killed: int) -> None:
    """The state is ahead of what is read again: rules may be others by now, and a month may have passed."""
    records = [
        story(9_600, 0),
        THERE,
        story(9_700, 1, text=OTHER),
        BACK,
        story(5_000, 40, text=OTHER, place=None),
        story(12_000, 41, text=STORY[9:]),
    ]
    whole = Log().read(records, offset=0)
    assert len(whole.alerts) > 3 and whole.watch.rules == FOUND
    before = Log().read(records[:killed], offset=0)
    after = Log(before.store).read(records[committed:], offset=committed)
    assert [*before.bytes, *after.bytes] == whole.bytes
    assert after.store == whole.store


def test_a_crash_in_the_middle_of_writing_does_a_record_again() -> None:
    """The mark is written last, so a record of which only some changes are in the state is not taken for done."""
    log = Log().read([story(10_000, 0)], offset=0)
    verdict = log.watch.apply(THERE, START, 1)
    assert len(verdict.changes) > 2 and list(verdict.changes)[-1] == "3|mark"
    for written in range(len(verdict.changes)):
        torn = Log(dict(log.store) | dict(list(verdict.changes.items())[:written])).read([THERE], offset=1)
        assert torn.store == log.store | verdict.changes
        assert {one.event_id for one in torn.alerts} <= {one.event_id for one in verdict.alerts}


def test_documents_without_a_publisher_are_no_two_publishers() -> None:
    """A host stands for the publisher; where there is none either, nobody knows whether two are one."""
    two = parse(RULES.replace("    labels: {team: t}", "    confirm: {min_origins: 2, distinct_by: publisher}"))
    assert isinstance(two, RuleSet)

    def firing(*urls: str | None) -> bool:
        stories = [story(10_000, day, text=text) for day, text in enumerate((STORY, OTHER))]
        run = Log(rules=two).read(replace(one, publisher=None, url=url) for one, url in zip(stories, urls, strict=True))
        return any(alert.transition == "firing" for alert in run.alerts)

    assert firing("https://www.one.example/a", "https://two.example/b")
    assert not firing(None, None)
    assert not firing("https://www.one.example/a", "https://one.example/b")


def test_the_log_of_a_topic_that_was_made_again_is_read() -> None:
    log = Log().read([story(10_000, 0), story(10_100, 1, text=OTHER)], offset=500)
    log.read([story(12_000, 2, text=OTHER + "x")], offset=0)
    assert log.alerts[-1].value.point == 12_000
    told = len(log.alerts)
    assert len(log.read([story(12_000, 2, text=OTHER + "x")], offset=0).alerts) == told


def test_an_old_claim_that_comes_late_does_not_age_the_series() -> None:
    log = Log().read([story(10_000, 0), story(5_000, 30, text=OTHER, place=None)])
    log.read([story(10_100, 1, text=OTHER + "x", document="late")])
    assert [alert.transition for alert in log.alerts] == ["firing"] and log.tallies["daily", "stale"] == 1


def test_ids_are_stable_for_ever() -> None:
    """Subscribers remember these: a change of this test is a change of everybody's ids."""
    (alert,) = Log().read([story(10_000, 0)]).alerts
    assert alert.fingerprint == "2a00dbf6576a7c7e8fb18fb57862f98b"
    assert alert.event_id == "ebcc7ea4-c915-5f1f-b671-121e278ff637"


@pytest.mark.parametrize(
    "late",
    [
        Tick(now=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        Revision(document="d", version=2, published=START + timedelta(days=8), ingested=START),
        story(10_000, 8),
    ],
)
def test_a_record_from_the_future_does_not_move_the_clock(late: Record) -> None:
    log = Log().read([story(10_000, 0)])
    before = dict(log.store)
    verdict = log.watch.apply(late, START)
    assert verdict.rejected and verdict.rejected.reason == "published_in_future"
    assert not verdict.alerts and not verdict.changes
    log.watch.settle(verdict, log.write)
    assert log.store == before
    assert log.watch.apply(Tick(now=START + timedelta(days=7)), START).rejected is None, "clocks of machines differ"
