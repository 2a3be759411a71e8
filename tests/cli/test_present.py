"""How things look: figures marked in their place, nothing that could drive a terminal."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from schemas.alert import Alert, Condition, Corroboration, Evidence, Normalised, Rule, Times, Value
from schemas.claims import Revision, RulesChange, Tick
from schemas.figure import Interval, Reference
from streams.cli.present import Mark, Told, alert_told, claim_told, clean, console, interval_words, marked, tell

NOON = datetime(2024, 2, 1, 12, tzinfo=UTC)
SENTENCE = "Around 12,000 people were stopped\nat the southwest border each day."
ALERT = Alert(
    mode="live",
    event_id="e-1",
    alert_id="a-1",
    fingerprint="f" * 32,
    episode=1,
    sequence=1,
    transition="firing",
    reason="level_crossed",
    level="critical",
    previous_level=None,
    rule=Rule(id="r", title="Daily apprehensions", rules_hash="h"),
    group={"place": "us-southwest-border"},
    condition=Condition(direction="above", at=10_000, reset=9_000, unit="person", per="day"),
    value=Value(
        text="Around 12,000", low=10_800, high=13_200, point=12_000, bound="approx", grade="certain", effective_end=date(2024, 2, 1)
    ),
    evidence=(
        Evidence(
            claim_id="c-1",
            indicator="apprehensions",
            sentence=SENTENCE,
            sentence_span=(500, 500 + len(SENTENCE)),
            quote="12,000",
            quote_span=(507, 513),
            document="d",
            version=1,
            url="https://news.example/1",
            title=None,
            publisher="The \x1b[31mExample",
            origin_id="o",
            place="us-southwest-border",
            attribution="officials",
            attribution_id=None,
            published_at=NOON,
            confidence=0.9,
        ),
    ),
    corroboration=Corroboration(origins=1, publishers=1, attributions=1, required=1),
    times=Times(started_at=NOON, event_time=NOON, published_at=NOON, ingested_at=NOON, expires_at=NOON),
)


def rendered(told: Told, *, terminal: bool) -> str:
    stream = io.StringIO()
    out = Console(file=stream, force_terminal=True, color_system="standard", width=60, highlight=False) if terminal else console(stream)
    tell(out, told)
    return stream.getvalue()


def test_an_alert_tells_what_where_who_and_proves_it() -> None:
    assert rendered(alert_told(ALERT, colour=False, took_ms=41.6), terminal=False).splitlines() == [
        "2024-02-01 12:00  FIRING critical  Daily apprehensions  42 ms after publication",
        "    Around 12,000 (person per day, 10,800 to 13,200, best 12,000) · us-southwest-border · according to officials"
        " · level crossed at 10,000, certain",
        "    about 2024-02-01 · 1 origin · 1 publisher · since 2024-02-01 12:00Z · holds until 2024-02-01 12:00Z",
        "    Around [12,000] people were stopped at the southwest border each day.",
        "    The ·[31mExample · 2024-02-01 12:00Z · https://news.example/1",
    ]


def test_an_alert_that_ended_says_what_it_was() -> None:
    ended = replace(ALERT, transition="resolved", reason="reset_met", level=None, previous_level="critical")
    lines = rendered(alert_told(ended, colour=False), terminal=False).splitlines()
    assert lines[0] == "2024-02-01 12:00  RESOLVED (was critical)  Daily apprehensions"
    assert "reset met at 9,000" in lines[1]


def test_an_alert_tells_what_it_was_made_of_and_shows_every_proof() -> None:
    other = replace(ALERT.evidence[0], publisher="Another", sentence="About 12,000, they said.", quote_span=(506, 512))
    told = replace(
        ALERT,
        evidence=(*ALERT.evidence, other),
        value=replace(
            ALERT.value,
            normalised_from=Normalised(value=360_000, per="month", factor=1 / 30, days=30, assumed=False),
            reference=Reference(start=date(2024, 1, 1), end=date(2024, 1, 31), complete=True),
        ),
        corroboration=Corroboration(origins=2, publishers=14, attributions=1, required=2, contested=True),
        late=True,
    )
    _, facts, standing, *proofs = rendered(alert_told(told, colour=False), terminal=False).splitlines()
    assert facts.endswith(" · contested · late")
    assert standing.startswith("    about 2024-01-01 to 2024-01-31 · from 360,000 per month · 2 of 2 origins · 14 publishers · since ")
    assert [line for line in proofs if "[12,000]" in line][1] == "    About [12,000], they said."
    assert any("Another" in line for line in proofs)


def test_in_a_terminal_the_figure_is_marked_by_colour_and_lines_stay_indented() -> None:
    told = rendered(alert_told(ALERT, colour=True), terminal=True)
    assert "[12,000]" not in told
    assert "\x1b[1;7m12,000\x1b[0m" in told
    assert "\x1b[31mExample" not in told, "what an article writes drives no terminal"
    assert all(line.startswith("    ") for line in told.splitlines()[1:])


def test_what_else_lies_among_the_claims_is_told_in_a_line() -> None:
    records = (
        Revision(document="d\x07", version=2, published=NOON, ingested=NOON, claims=("c-1",)),
        Tick(now=NOON),
        RulesChange(hash="abc", applied=NOON),
    )
    assert [rendered(claim_told(record, colour=False), terminal=False) for record in records] == [
        "2024-02-01 12:00  revision  d· is now version 2, with 1 claim\n",
        "2024-02-01 12:00  tick\n",
        "2024-02-01 12:00  rules  abc in force\n",
    ]


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\x07", "\x9b31m", "‮", "\x00", "\r"])
def test_control_characters_are_replaced_one_by_one(hostile: str) -> None:
    assert clean(f"a{hostile}b") == f"a{''.join('·' if not part.isprintable() else part for part in hostile)}b"
    assert len(clean(hostile)) == len(hostile)


def test_line_breaks_and_tabs_stay() -> None:
    assert clean("a\n\tb") == "a\n\tb"


def test_several_figures_are_marked_in_place_and_overlaps_once() -> None:
    assert marked("12 of 300 came", [Mark(0, 2), Mark(1, 4), Mark(6, 9)], colour=False).plain == "[12] of [300] came"


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (Interval(low=10_000, high=10_000, point=10_000), "10,000"),
        (Interval(low=9_000, high=11_000, point=10_000), "9,000 to 11,000, best 10,000"),
        (Interval(low=8_000, high=None, low_closed=False), "more than 8,000"),
        (Interval(low=8_000, high=None), "8,000 or more"),
        (Interval(low=9_000, high=10_000, high_closed=False), "9,000 to under 10,000"),
        (Interval(low=None, high=5), "at most 5"),
        (Interval(low=None, high=5, high_closed=False), "less than 5"),
        (Interval(low=None, high=None), "any number"),
        (Interval(low=0.3, high=0.3), "0.3"),
        (Interval(low=1_234.5, high=1_234.5), "1,234.5"),
    ],
)
def test_an_interval_in_words(figure: Interval, words: str) -> None:
    assert interval_words(figure) == words
