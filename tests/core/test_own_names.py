"""A user's own places and offices: put to the lexicon, checked, taken back."""

from collections.abc import Iterator
from datetime import date

import pytest

from streams.core import entities
from streams.core.claims import read
from streams.core.lexicon import LexiconError

FILE = """
[place.us-harbor-county]
name = "Harbor County"
names = ["Harbor County", "the Harbor shore"]
inside = ["US-TX"]
members = ["us-eagle-pass", "4717560"]

[place.us-eagle-pass]
names = ["Paso del Águila"]

[office.us-harbor-sheriff]
name = "Harbor County Sheriff's Office"
country = "US"
names = ["Harbor County Sheriff's Office", "harbor deputies"]
"""
TEXT = "At least 40 people were injured in Harbor County, harbor deputies said. Buses went to Paso del Águila."


@pytest.fixture(autouse=True)
def _as_shipped() -> Iterator[None]:
    yield
    entities.reset()


def test_what_is_added_is_named_and_linked() -> None:
    """New places and offices, and new names of old ones, are entities with their ids; without the file they are not."""
    assert {entity.id for entity in entities.link(TEXT)} == {None}
    entities.add(FILE, "own.toml")
    assert [(entity.quote, entity.id, entity.flags) for entity in entities.link(TEXT)] == [
        ("Harbor County", "us-harbor-county", ()),
        ("harbor deputies", "us-harbor-sheriff", ("alias",)),
        ("Paso del Águila", "us-eagle-pass", ()),
    ]


def test_claims_have_the_added_ids() -> None:
    """Place and source of a figure are found by added names too."""
    entities.add(FILE, "own.toml")
    (claim,) = read(TEXT, published=date(2024, 3, 14), document="example").claims
    assert claim.place is not None and claim.place.id == "us-harbor-county"
    assert claim.attribution is not None and claim.attribution.id == "us-harbor-sheriff"


def test_containment_reaches_through_what_is_added() -> None:
    """An added place lies where it says, its members lie in it, and rules may name it."""
    entities.add(FILE, "own.toml")
    assert entities.within("us-harbor-county", "US")
    assert entities.within("4717560", "us-harbor-county")
    assert entities.known_place("us-harbor-county") and entities.known_office("us-harbor-sheriff")
    entities.reset()
    assert not entities.within("us-eagle-pass", "us-harbor-county")
    assert not entities.known_place("us-harbor-county")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "own.toml: "),
        ("x = 1", "own.toml: x: expected tables"),
        ('[place.Harbor]\nnames = ["A"]', "own.toml: place.Harbor: an id is"),
        ("[place.harbor]\nnames = []", "own.toml: place.harbor.names: expected at least one"),
        ("[place.harbor]\nnames = [1]", "own.toml: place.harbor.names: expected a list of texts"),
        ('[place.harbor]\nnames = ["A"]\nnam = 1', "own.toml: place.harbor: unknown key nam"),
        ('[place.harbor]\nnames = ["A"]\ninside = ["nowhere"]', "own.toml: unknown parent or member ['nowhere']"),
        ('[office.harbor]\nnames = ["A"]\ncountry = "usa"', "own.toml: office.harbor.country"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_place(text: str, said: str) -> None:
    """A faulty file names the entry, and changes nothing."""
    with pytest.raises(LexiconError) as error:
        entities.add(text, "own.toml")
    assert str(error.value).startswith(said)
    assert not entities.known_place("harbor")
