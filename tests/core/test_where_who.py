"""Where a figure is about and who gives it, on written sentences; what names of places are when they are names of persons."""

from datetime import date

import pytest

from schemas.figure import Claim
from streams.core import entities
from streams.core.claims import read


def first(text: str) -> Claim:
    return read(text, published=date(2024, 3, 14), document="example").claims[-1]


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("4705349", ("Laredo", "Texas", "United States")),
        ("us-eagle-pass", ("Eagle Pass", "Texas", "United States")),
        ("US-TX", ("Texas", "United States")),
        ("TR-06", ("Ankara", "Turkey")),
        ("TR", ("Turkey",)),
        ("europe", ("Europe",)),
        ("999999999999", ()),
        ("<b>", ()),
    ],
)
def test_a_place_has_its_own_name_and_those_of_what_it_lies_in(place: str, names: tuple[str, ...]) -> None:
    assert entities.place_names(place) == names


WHERE = [
    ("There are 2,300 children in CBP custody.", "CBP custody", "US"),
    ("Some 2,300 minors were held in Border Patrol stations.", "Border Patrol stations", "US"),
    ("Border arrests fell to 31,000 in February, U.S. officials said.", "Border", "us-southwest-border"),
    ("Hundreds of migrants crossed into the United States through the southern border.", "southern border", "us-southwest-border"),
    ("The Border Patrol's El Paso sector recorded 1,150 apprehensions a day.", "El Paso sector", "us-sector-el-paso"),
    ("Agents apprehended 420 people in the Big Bend sector.", "Big Bend sector", "us-sector-big-bend"),
    ("Agents apprehended 420 people in the RGV sector.", "RGV sector", "us-sector-rio-grande-valley"),
    ("Some 700 migrants reached Tapachula from Guatemala.", "Tapachula", "mx-tapachula"),
    ("Some 340 people crossed from Guatemala into southern Mexico.", "southern Mexico", "MX"),
    ("About 1,900 migrants crossed the Darién Gap on Friday.", "Darién Gap", "darien"),
    ("More than 500 people crossed the English Channel on Saturday.", "English Channel", "english-channel"),
    ("At least 44 people drowned in the central Mediterranean.", "central Mediterranean", "central-mediterranean"),
    ("More than 8,000 people fled Sudan for Chad.", "Chad", "TD"),
    ("Mexican authorities detained 610 migrants on Monday.", "Mexican authorities", "MX"),
    ("Marlow County took in 340 refugees last year.", "Marlow County", None),
    ("Nine people died near the village of Osterlo.", "Osterlo", None),
    ("The Qanat refugee camp holds 41,000 people.", "Qanat refugee camp", None),
    ("Three people were killed in Savannah, Georgia.", "Savannah", "4221552"),
    ("Some 900 people were arrested in Georgia.", "Georgia", None),
    ("Police in Texas and in Georgia said 900 people were arrested in Georgia.", "Georgia", "US-GA"),
    ("Some 900 people were arrested in Georgia after Russian troops withdrew.", "Georgia", "GE"),
    ("At least 61 people were killed in Chad.", "Chad", "TD"),
    ("Over Easter, 57 people were rescued off Lampedusa.", "Lampedusa", "it-lampedusa"),
    ("LISBON (Newswire) - Some 83 people were rescued off Lampedusa.", "Lampedusa", "it-lampedusa"),
    ("About 900 migrants are waiting at the border.", "the border", None),
    ("Nearly 5,000 people have died in Russia's war in Ukraine.", "Ukraine", "UA"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "place"), WHERE, ids=[row[0][:60] for row in WHERE])
def test_where(text: str, words: str, place: str | None) -> None:
    """The place is the one that the figure is about; what the gazetteer does not know has no id."""
    found = first(text).place
    assert found is not None
    assert (words in found.text, found.id) == (True, place)


CARRIED = [
    ("Floods hit the island of Brenn on Monday. At least 61 people died there.", "Brenn"),
    ("The blaze began near Cedar Flats on Monday. At least 61 people died.", "Cedar Flats"),
    ("A storm crossed Haiti at night. At least 61 people died.", "Haiti"),
]


@pytest.mark.parametrize(("text", "words"), CARRIED)
def test_where_of_the_sentence_before(text: str, words: str) -> None:
    """What the sentence before surely names is the place of a figure that has none."""
    found = first(text).place
    assert found is not None and found.text == words


NOWHERE = [
    "Chad Wolf said 61 people were killed.",
    "Jim Jordan said 900 migrants were arrested.",
    "USA Today counted 61 deaths.",
    "A US-bound caravan has grown to 3,200 people.",
    "In January, 61 people were killed.",
]


@pytest.mark.parametrize("text", NOWHERE)
def test_no_place(text: str) -> None:
    """Persons, newspapers, destinations and months are no places."""
    assert first(text).place is None


WHO = [
    ("The head of the fishing union, Ada Brandt, said Sunday that 61 people were injured.", "Ada Brandt", None),
    ("Leah Moreno, head of the county's rescue service, told the Daily Wire that 61 people were injured.", "Leah Moreno", None),
    ("At least 61 people were injured, Leah Moreno, the county coroner, told reporters.", "Leah Moreno", None),
    ("Seven sailors died, the Coastal Rescue Service (Costres) said Wednesday.", "Coastal Rescue Service", None),
    ("The agency, which tracks boats in the strait, counted 4,000 arrivals.", "The agency", None),
    ("The cities that sued to stop the plan say 4,000 people were deported.", "The cities", None),
    ("Data from UNHCR show 4,000 arrivals.", "Data from UNHCR", "unhcr"),
    ("Figures as of Friday show that 4,000 people were deported.", "Figures", None),
    ("Documents obtained by the Daily Wire show 4,000 people were deported.", "Documents obtained by the Daily Wire", None),
    ("Numbers released Tuesday by the Department of Homeland Security show 4,000 people were deported.", "Homeland Security", "us-dhs"),
    ("According to a 2019 report by the Census Bureau, 4,000 people were deported.", "Census Bureau", "us-census"),
    ("Homeland Security officials eased the mood by announcing that 4,000 people left.", "Homeland Security officials", "us-dhs"),
    ("Mexico says 900 migrants were detained.", "Mexico", None),
    ("St Anne's Hospital in Osterlo, said 12 people were injured.", "St Anne's Hospital", None),
    ("Reports that 3,000 troops will go to the border alarmed the town.", "Reports", None),
    ("The House bill would add 700 asylum officers.", "The House bill", None),
    ("A total of 61 deaths was reported by the health ministry.", "the health ministry", None),
    ("Norway will take in 2,600 refugees this year.", "Norway", None),
    ("Panama's migration agency said 1,900 people crossed.", "Panama's migration agency", "pa-migration"),
]  # fmt: skip

ALL_OF_IT = [
    ("About 300 people were detained in El Paso on Monday, a U.S. Border Patrol agent said.", "a U.S. Border Patrol agent"),
    ("On Monday, 61 sailors died off the cape, a spokesman of the Red Cross said.", "a spokesman of the Red Cross"),
    ("At least 41 people died when a barge overturned off the cape, the harbour police said.", "the harbour police"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "office"), WHO, ids=[row[0][:60] for row in WHO])
def test_who(text: str, words: str, office: str | None) -> None:
    """The source is the one who gives the figure, not the one who was told; offices have ids."""
    found = first(text).attribution
    assert found is not None
    assert (words in found.text, found.id) == (True, office)


def test_a_crowd_that_is_estimated_says_nothing() -> None:
    assert first("A caravan estimated at 6,000 people set out from Tapachula on Sunday.").attribution is None
    assert first("The war has claimed more than 14,000 lives since 2014.").attribution is None


@pytest.mark.parametrize(("text", "words"), ALL_OF_IT)
def test_a_speaker_after_a_comma_is_not_the_sentence_before_it(text: str, words: str) -> None:
    found = first(text).attribution
    assert found is not None and found.text == words


@pytest.mark.parametrize(
    "text",
    [
        "Police declined to say whether the 40 people killed were migrants.",
        "All told, 23,000 people were deported.",
        "The marchers opposed the mayor's proposed cut of 4,000 jobs.",
    ],
)
def test_nobody(text: str) -> None:
    """Who declines to say it, "all told", and the owner of a proposal are no sources."""
    assert first(text).attribution is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Jim Jordan met Rep. Jordan.", []),
        ("In Jordan, Chad Wolf waited.", ["JO"]),
        ("They fled to Chad.", ["TD"]),
        ("Austin Reed flew to Austin.", ["4671654"]),
        ("Georgia and Texas agreed.", ["US-GA", "US-TX"]),
        ("Armenia and Georgia agreed.", ["AM", "GE"]),
        ("Georgia agreed.", [None]),
    ],
)
def test_persons_and_contested_names(text: str, found: list[str | None]) -> None:
    """A given name or a family name is no place; a name of two places is decided by its company or left open."""
    assert [entity.id for entity in entities.link(text) if entity.type == "place"] == found


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ("it-lampedusa", "europe"),
        ("DE", "european-union"),
        ("us-eagle-pass", "us-southwest-border"),
        ("us-sector-el-centro", "us-southwest-border"),
        ("mx-tapachula", "latin-america"),
        ("HT", "caribbean"),
        ("aegean", "mediterranean"),
        ("SD", "africa"),
        ("SY", "middle-east"),
        ("RS", "western-balkans"),
    ],
)
def test_containment_across_kinds(place: str, region: str) -> None:
    """Towns, states and regions lie in the regions that contain them, and not the other way round."""
    assert entities.within(place, region)
    assert not entities.within(region, place)
