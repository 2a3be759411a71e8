"""The gazetteer: names with the right capitals, ids, what contains what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.entities import Span, link, within
from tests.core.annotated import articles, score

FOUND = [
    ("Talks were held in Mexico.", [("Mexico", "MX", "iso3166-1")]),
    ("A fire in northern California spread.", [("California", "US-CA", "iso3166-2")]),
    ("The US said so.", [("US", "US", "iso3166-1")]),
    ("They told us so.", []),
    ("Crossings at the U.S.-Mexico border fell.", [("U.S.-Mexico border", "us-southwest-border", "newsgauge")]),
    ("The southern border is quiet.", [("southern border", "us-southwest-border", "newsgauge")]),
    ("UNHCR and the IOM agree.", [("UNHCR", "unhcr", "newsgauge"), ("IOM", "iom", "newsgauge")]),
    ("Who said so?", []),
    ("They walked on ice.", []),
    ("ICE agents came.", [("ICE", "us-ice", "newsgauge")]),
    ("The Democratic Republic of the Congo.", [("Democratic Republic of the Congo", "CD", "iso3166-1")]),
    ("Turkey, not turkey.", [("Turkey", "TR", "iso3166-1")]),
    (
        "The newest monthly numbers of Customs and Border\nProtection came on Friday, and they were not what\nmany had thought.",
        [("Customs and Border\nProtection", "us-cbp", "newsgauge")],
    ),
    ("South Sudan borders Sudan.", [("South Sudan", "SS", "iso3166-1"), ("Sudan", "SD", "iso3166-1")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FOUND, ids=[row[0] for row in FOUND])
def test_link(text: str, expected: list[tuple[str, str, str]]) -> None:
    """Names are found with their ids; common words that look like them are not."""
    assert [(entity.quote, entity.id, entity.scheme) for entity in link(text)] == expected


@pytest.mark.parametrize(
    ("place", "region", "inside"),
    [
        ("us-southwest-border", "us-southwest-border", True),
        ("us-sector-tucson", "us-southwest-border", True),
        ("us-sector-tucson", "US-AZ", True),
        ("us-sector-tucson", "US", True),
        ("us-southwest-border", "US", True),
        ("US", "us-southwest-border", False),
        ("US-TX", "US", True),
        ("us-el-paso", "US-TX", True),
        ("2643743", "GB-ENG", True),
        ("2643743", "GB", True),
        ("2643743", "europe", True),
        ("4717560", "US-TX", True),
        ("mx-tapachula", "MX-CHP", True),
        ("PH-LEY", "PH", True),
        ("99999999", "US", False),
        ("it-lampedusa", "IT", True),
        ("aegean", "mediterranean", True),
        ("MX", "US", False),
        ("nowhere", "US", False),
    ],
)
def test_within(place: str, region: str, inside: bool) -> None:
    """A place lies in itself and in what contains it, at any depth."""
    assert within(place, region) is inside


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """Offsets point into the text."""
    for entity in link(text):
        assert text[entity.start : entity.end] == entity.quote


def test_spans_of_a_model_join_the_names_of_the_gazetteer() -> None:
    """What only the model finds becomes an entity without an id; where both speak the gazetteer holds."""
    text = "Leah Moreno flew to Mexico."
    spans = [Span(0, 11, "person", 0.8, "model"), Span(20, 26, "organisation", 0.8, "model")]
    assert [(entity.quote, entity.type, entity.id) for entity in link(text, spans)] == [
        ("Leah Moreno", "person", None),
        ("Mexico", "place", "MX"),
    ]


@pytest.mark.parametrize(("aside", "strict", "relaxed", "recall"), [(False, 0.95, 0.96, 0.95), (True, 0.90, 0.90, 0.85)])
def test_the_gazetteer_on_the_annotated_articles(aside: bool, strict: float, relaxed: float, recall: float) -> None:
    """Without a model, names and links are as good as docs/entities.md says, on articles that rules were made on and on those set aside."""
    scores = score(lambda article: link(article.text, (), article.home), [one for one in articles() if one.aside is aside])
    assert scores.strict >= strict
    assert scores.relaxed >= relaxed
    assert scores.link_precision >= 0.95
    assert scores.link_recall >= recall
