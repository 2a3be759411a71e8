"""What is read from written examples: indicator, period, modality; place, source, dates; what stays silent; and what holds for any text."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.figure import Claim
from streams.core.claims import FAMILY_OF, Reading, claim_id, read

DAY = date(2023, 12, 28)
STORY = (
    "PORT CITY (NewsWire) - Ministers met on Monday, 18 December.\n\n"
    "Some 6,500 migrants are on their way, which makes it the biggest\ncaravan to head north since May 2021.\n"
    "They come from 31 countries, witnesses said.\n\n"
    "About 11,200 migrants were caught every day this month at the\nsouthwest border, border patrol officials said.\n"
)


def reading(text: str, published: date | None = DAY) -> Reading:
    return read(text, published=published, document="example")


def brief(claim: Claim) -> str:
    told = "change" if claim.kind == "change" else claim.modality
    return f"{claim.quote}>{claim.indicator}/{claim.period}/{told}{'/part' if claim.scope == 'part' else ''}"


def examples() -> list[object]:
    rows: list[object] = []
    published, text = DAY, ""
    for line in (Path(__file__).parent / "examples" / "claims.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("@ "):
            published = date.fromisoformat(line[2:])
        elif line.startswith(("  = ", "  ! ")):
            marks = [pytest.mark.xfail(strict=True)] if line[2] == "!" else []
            rows.append(pytest.param(text, published, line[4:], marks=marks, id=text[:60]))
        elif line and not line.startswith("#"):
            text = line
    return rows


@pytest.mark.parametrize(("text", "published", "expected"), examples())
def test_example(text: str, published: date, expected: str) -> None:
    """The claims of the example are exactly those written beside it."""
    assert ("; ".join(brief(claim) for claim in reading(text, published).claims) or "-") == expected


PLACES = [
    ("About 900 people were apprehended at the southern border, U.S. officials said.", "us-southwest-border"),
    ("About 900 people were apprehended at the U.S.-Mexico border.", "us-southwest-border"),
    ("About 900 people were apprehended along the southwest border of the United States.", "us-southwest-border"),
    ("Border Patrol agents apprehended 900 people at the border.", "us-southwest-border"),
    ("Agents apprehended 900 people in the Rio Grande Valley.", "us-sector-rio-grande-valley"),
    ("The quake killed 40 people in Haiti.", "HT"),
    ("Some 2,000 people were displaced in northern Mozambique.", "MZ"),
    ("In Texas, 1,200 people were evacuated.", "US-TX"),
    ("Rescuers saved 61 migrants off Lampedusa.", "it-lampedusa"),
    ("The U.N. says 40,000 refugees have reached Uganda from South Sudan.", "UG"),
    ("At least 12 people were killed in Kabul, Afghanistan, on Friday.", "1138958"),
    ("Some 300 people drowned in the Mediterranean.", "mediterranean"),
    ("Germany has received 12,000 asylum applications.", "DE"),
    ("About 700 people were arrested in the Netherlands.", "NL"),
    ("Mexico's southern border saw 9,000 migrants cross in May.", "mx-southern-border"),
]


@pytest.mark.parametrize(("text", "place"), PLACES, ids=[row[0][:60] for row in PLACES])
def test_place(text: str, place: str) -> None:
    """The place of the figure has its stable id."""
    claims = reading(text).claims
    assert [claim.place.id if claim.place else None for claim in claims] == [place]


def test_place_of_the_sentence_before() -> None:
    """A sentence without a place has that of the sentence before."""
    claims = reading("Floods hit the south of Kenya on Monday. At least 70 people died.").claims
    assert [claim.place and claim.place.id for claim in claims] == ["KE"]


def test_bare_border_is_less_sure() -> None:
    """ "The border" alone is the southwest border in a US context only, and with less confidence."""
    named = reading("Border Patrol agents apprehended 900 people at the southwest border.").claims[0]
    bare = reading("Border Patrol agents apprehended 900 people at the border.").claims[0]
    foreign = reading("Hungarian police apprehended 900 people at the border with Serbia.").claims[0]
    assert named.place and bare.place and named.place.id == bare.place.id == "us-southwest-border"
    assert bare.confidence < named.confidence
    assert foreign.place is None or foreign.place.id != "us-southwest-border"


SOURCES = [
    ("According to CBP data, 4,100 people were apprehended.", "CBP", "us-cbp"),
    ("Some 4,100 people were apprehended, border patrol officials said.", "border patrol officials", "us-cbp"),
    ("The Department of Homeland Security said 4,100 people were in custody.", "Homeland Security", "us-dhs"),
    ("UNHCR says 90,000 refugees have arrived.", "UNHCR", "unhcr"),
    ("At least 30 people drowned, according to the IOM.", "IOM", "iom"),
    ("ICE reported that it had deported 6,000 people.", "ICE", "us-ice"),
    ("The Justice Department announced 400 arrests.", "Justice Department", "us-doj"),
    ("Frontex said 11,000 migrants crossed the sea in May.", "Frontex", "frontex"),
    ("Police said 15 people were injured.", "Police", "police"),
    ("The governor of the province said 52 people had died.", "governor", None),
    ("“We buried 40 people,” said Amina Diallo, a nurse.", "Amina Diallo", None),
    ("Arrests fell to 2,000, according to data released by the US Border Patrol.", "Border Patrol", "us-cbp"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "office"), SOURCES, ids=[row[0][:60] for row in SOURCES])
def test_source(text: str, words: str, office: str | None) -> None:
    """The source is named, with the id of the office where there is one."""
    source = reading(text).claims[0].attribution
    assert source is not None
    assert words.lower() in source.text.lower()
    assert source.id == office


def test_conflicting_sources_are_two_claims() -> None:
    """Each figure has the source that gave it."""
    claims = reading("Police say 5,000 people marched, while organisers say 50,000.").claims
    assert [(claim.quote, claim.attribution.text if claim.attribution else None) for claim in claims] == [
        ("5,000", "Police"),
        ("50,000", "organisers"),
    ]


def test_pronoun_means_the_source_before() -> None:
    """ "She said": the words stay as they are, whom they mean stands beside them."""
    claims = reading(
        "CBP commissioner Ana Ruiz spoke on Monday, officials said. “Relax,” said CBP commissioner Ana Ruiz. She said 900 people died."
    ).claims
    source = claims[-1].attribution
    assert source is not None and "Ana Ruiz" in source.text and source.id == "us-cbp"


@pytest.mark.parametrize("words", [("6,500", "11,200"), ("900", "3,000"), ("7,000", "14,000")])
@pytest.mark.parametrize("wrap", ["\n", " ", "\r\n", "\u00a0"])
def test_story(words: tuple[str, str], wrap: str) -> None:
    """A story of the kind that rules are written for: one caravan, one daily total, nothing else; any numbers, any wrap."""
    text = STORY.replace("6,500", words[0]).replace("11,200", words[1]).replace("the\nsouthwest", f"the{wrap}southwest")
    caravan, daily = reading(text).claims
    assert (caravan.quote, caravan.indicator, caravan.bound, caravan.kind, caravan.modality) == (
        words[0],
        "caravan_size",
        "approx",
        "stock",
        "asserted",
    )
    assert (daily.quote, daily.indicator, daily.bound, daily.period, daily.modality) == (
        words[1],
        "apprehensions",
        "approx",
        "day",
        "asserted",
    )
    assert daily.place is not None and daily.place.id == "us-southwest-border"
    assert daily.attribution is not None and (daily.attribution.text, daily.attribution.id) == ("border patrol officials", "us-cbp")
    assert daily.reference is not None
    assert (daily.reference.start, daily.reference.end, daily.reference.complete) == (date(2023, 12, 1), date(2023, 12, 31), False)


def test_interval_of_an_approximate_figure() -> None:
    """ "About 11,200" allows ten percent to both sides."""
    daily = reading(STORY).claims[1]
    assert (daily.low, daily.high, daily.point) == (10080, 12320, 11200)


def test_no_stated_date_is_the_day_of_publication() -> None:
    """Without a time in the text the publication date stands in, and says so; without that too there is none."""
    text = "Agents apprehended 900 people at the border."
    stated = reading(text).claims[0].reference
    assert stated is not None and stated.assumed and stated.start == stated.end == DAY
    assert reading(text, None).claims[0].reference is None


def test_family_is_the_key_of_the_topic() -> None:
    """Claims of named indicators have a family, the others none."""
    claims = reading("The blast killed 14 people. The state spent $40 million on 12,000 meals.").claims
    assert [(claim.indicator, claim.family) for claim in claims] == [("deaths", "harm"), ("money", None), ("other", None)]
    assert FAMILY_OF["deaths"] == "harm"


def test_silent_numbers_have_a_reason() -> None:
    """Numbers that are no claim are listed with the reason."""
    silent = reading("In 2019, Mr. Lee, 44, drove 300 miles to meet two officials.").silent
    assert {item.quote: item.reason for item in silent}.keys() == {"2019", "44", "300", "two"}
    assert all(item.reason for item in silent)


def test_claim_ids() -> None:
    """The id depends on document, version, place in the text and indicator, and on nothing else."""
    first = reading(STORY).claims[0]
    assert first.claim_id == claim_id("example", 1, first.start, "caravan_size")
    assert (
        len(
            {
                claim_id("a", 1, 0, "x"),
                claim_id("a", 2, 0, "x"),
                claim_id("b", 1, 0, "x"),
                claim_id("a", 1, 1, "x"),
                claim_id("a", 1, 0, None),
            }
        )
        == 5
    )


def test_confidence_has_reasons() -> None:
    """Confidence lies between 0 and 1 and is the logistic sum of its reasons."""
    for claim in reading(STORY).claims:
        assert 0 < claim.confidence < 1
        assert "base" in {reason.name for reason in claim.reasons}


def test_a_toll_says_what_it_counts() -> None:
    (claim,) = reading("The death toll from the landslide rose to 1,862 on Monday.").claims
    assert claim.indicator == "deaths" and claim.confidence > 0.5
    assert "unit_missing" not in {reason.name for reason in claim.reasons}


def test_hedged_and_vague_are_less_sure() -> None:
    """Hearsay and vague words cost confidence."""
    plain = reading("The blast killed 300 people in Kabul, police said.").claims[0]
    hearsay = reading("The blast reportedly killed 300 people in Kabul, police said.").claims[0]
    vague = reading("The blast killed hundreds of people in Kabul, police said.").claims[0]
    assert hearsay.confidence < plain.confidence > vague.confidence


def test_long_sentence_is_cut_around_the_figure() -> None:
    """The evidence of a very long sentence stays short and holds the figure."""
    text = "and on " * 4000 + "agents apprehended 900 people at the border " + "and on " * 4000
    claim = reading(text).claims[0]
    assert len(claim.sentence) <= 1500
    assert text[claim.sentence_start : claim.sentence_end] == claim.sentence
    assert claim.sentence_start <= claim.start < claim.end <= claim.sentence_end


def test_many_claims_are_cut() -> None:
    """No more than 500 claims of one article, the first ones, and the reading says so."""
    result = reading("Agents apprehended 900 people at the border. " * 600)
    assert len(result.claims) == 500 and result.cut


VOCABULARY = """Agents apprehended 900 people at the border . , ; “ ” " ( ) — In May 2019 the caravan of 1,200 or rather 3,000 migrants
, he said 12 % up from about 300 to 400 a day Mexico U.S. not denied will if had to who killed injured 25-year-old $3.2 billion
1-800-555-0100
last year this month since so far fiscal 2020 of whom including according to CBP police say ? ! Dr. 5 p.m. &nbsp; 10.000"""
PIECES = st.sampled_from([*VOCABULARY.split(), "\n", "\n\n", "\u00a0"])


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_sentence_that_is_cut_off_is_read(cut: int) -> None:
    """Text may end anywhere: after a comma, a cue, a number."""
    words = ["Rescuers", "saved", "40", "people", ",", "stranded", "on", "roofs", ",", "as", "300", "others", ","]
    assert all(claim.quote in ("40", "300") for claim in reading(" ".join(words[:cut])).claims)


@settings(max_examples=150)
@given(st.lists(PIECES, max_size=60).map(" ".join))
def test_any_text(text: str) -> None:
    """Any text can be read; offsets point into it; reading twice gives the same; every number is a claim or silent, and not both."""
    result = reading(text)
    assert result == reading(text)
    for claim in result.claims:
        assert text[claim.start : claim.end] == claim.quote
        assert text[claim.sentence_start : claim.sentence_end] == claim.sentence
        assert claim.low is None or claim.high is None or claim.low <= claim.high
    spans = [(item.start, item.end) for item in (*result.claims, *result.silent)]
    assert len(set(spans)) == len(spans)
