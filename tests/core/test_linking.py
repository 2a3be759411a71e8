"""Which of its meanings a name has, on written sentences; who a later mention is; what a model's spans become."""

import pytest

from streams.core.entities import Span, home, link

MEANT = [
    ("A bus left Paris, Texas, for Seattle, Washington.", None, ["4717560", "US-TX", "5809844", "US-WA"]),
    ("Fires burn in Oregon, Washington and Idaho.", None, ["US-OR", "US-WA", "US-ID"]),
    ("Talks were held in Washington on Friday.", None, ["4140963"]),
    ("Police in Portland, Oregon, called Portland, Maine.", None, ["5746545", "US-OR", "4975802", "US-ME"]),
    ("Floods hit Punjab, India, and Punjab, Pakistan.", None, ["IN-PB", "IN", "PK-PB", "PK"]),
    ("Police in Victoria, British Columbia, said so.", None, ["6174041", "CA-BC"]),
    ("Storms crossed Melbourne and the rest of Victoria.", "AU", ["2158177", "AU-VIC"]),
    ("Gunmen crossed Niger state in Nigeria.", None, ["NG-NI", "NG"]),
    ("Buses go to Mexico City and Panama City.", None, ["3530597", "3703443"]),
    ("Tbilisi is calm, but Georgia has closed its border.", None, ["611717", "GE"]),
    ("Georgia Gov. Ada Brandt called Texas.", None, ["US-GA", None, "US-TX"]),
    ("Channel 10 showed people in the Channel.", None, ["english-channel"]),
    ("Ukraine's Interior Ministry counted 12 fires.", None, ["UA", "ua-interior"]),
    ("India's Congress met.", None, ["IN", "in-congress"]),
    ("The Senate passed it, and U.S. officials agreed.", None, ["us-senate", "US"]),
    ("The Supreme Court will hear it.", "GB", ["gb-supreme-court"]),
    ("The Home Office and Frontex agreed.", None, ["gb-home-office", "frontex"]),
    ("Rep. Ada Brandt, D-N.J., met Sen. Leah Moreno, R-Utah.", None, [None, "US-NJ", None, "US-UT"]),
    ("The card costs US$25 in Canada.", None, ["CA"]),
    ("Aides told the New York Times and the F.B.I. of it.", None, ["nyt", "us-fbi"]),
    ("The White House said that a Chinese student had joined the Army.", None, ["us-white-house", "us-army"]),
    ("The U.S. runners were quick. Some were seen in Paris.", None, ["US", "2988507"]),
    ("New York Attorney General Ada Brandt left New York City.", None, ["US-NY", None, "5128581"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "readers", "ids"), MEANT, ids=[row[0] for row in MEANT])
def test_what_is_meant(text: str, readers: str | None, ids: list[str | None]) -> None:
    """Containers, lists, neighbours, what the text speaks of and who reads it decide."""
    assert [entity.id for entity in link(text, (), readers)] == ids


@pytest.mark.parametrize(
    "text", ["They walked to Springfield.", "The Supreme Court will hear it.", "The Interior Ministry said so.", "They live in Osterlo."]
)
def test_unknown_stays_unknown(text: str) -> None:
    """Where too little decides, the name has no id, and never that of a country."""
    (entity,) = link(text)
    assert (entity.id, entity.scheme) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "He began in August.",
        "Of those, nine left.",
        "The mobile clinic is nice.",
        "A Mercedes stood there.",
        "Reading helps.",
        "Who said so?",
    ],
)
def test_words_are_no_places(text: str) -> None:
    """Towns that are called like common words are named only where something speaks for it."""
    assert [entity for entity in link(text) if entity.id] == []


PEOPLE = [
    ("Ada Brandt, a spokeswoman, spoke. Brandt left.", [("Ada Brandt", "Ada Brandt"), ("Brandt", "Ada Brandt")]),
    ("Last week Sen. Leah Moreno spoke. Moreno left.", [("Leah Moreno", "Leah Moreno"), ("Moreno", "Leah Moreno")]),
    ("Virginia Sloane of Virginia spoke. Sloane left.", [("Virginia Sloane", "Virginia Sloane"), ("Sloane", "Virginia Sloane")]),
    ("Jordan Ames left Jordan with Chad Wolf.", [("Jordan Ames", "Jordan Ames"), ("Chad Wolf", "Chad Wolf")]),
    ("Hal Reading spoke. Reading left.", [("Hal Reading", "Hal Reading"), ("Reading", "Hal Reading")]),
    ("Homeland Security Secretary Ada Brandt spoke.", [("Ada Brandt", "Ada Brandt")]),
    ("Webb County Judge Ernesto Vega spoke.", [("Ernesto Vega", "Ernesto Vega")]),
    ("Secretary of State Ada Brandt spoke.", [("Ada Brandt", "Ada Brandt")]),
    ("Ada “Ace” Brandt Jr. won. Brandt wept.", [("Ada “Ace” Brandt Jr.", "Ada “Ace” Brandt Jr."), ("Brandt", "Ada “Ace” Brandt Jr.")]),
    ("Leah Moreno, 41, won. We all love Leah.", [("Leah Moreno", "Leah Moreno"), ("Leah", "Leah Moreno")]),
    ("LEAH MORENO, HOST: Good morning. Leah Moreno left.", [("LEAH MORENO", "LEAH MORENO"), ("Leah Moreno", "LEAH MORENO")]),
    ("The Trump administration gave in.", [("Trump", "Trump")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "people"), PEOPLE, ids=[row[0] for row in PEOPLE])
def test_people_and_their_later_mentions(text: str, people: list[tuple[str, str]]) -> None:
    """Titles are no part of a name; a family name alone is the person named in full before."""
    assert [(entity.quote, entity.name) for entity in link(text) if entity.type == "person"] == people


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("The Chicago Film Festival and the Canada Freedom Act were discussed.", []),
        ("The Osterlo Rail Inquiry Board met. The ORIB blamed a signal.", ["Osterlo Rail Inquiry Board", "ORIB"]),
        ("The Harbor Watch Society (HAWS) met in Boston. Ask HAWS.", ["Harbor Watch Society", "HAWS", "Boston", "HAWS"]),
        ("The Boston Red Lab closed. Nobody missed the Boston Red Lab.", ["Boston Red Lab", "Boston Red Lab"]),
        ("House Republicans saw the Chicago Cubs win.", ["House", "Chicago Cubs"]),
        ("The GOP Senate met.", ["GOP", "Senate"]),
        ("They met at The Osterlo Group.", ["Osterlo Group"]),
    ],
)
def test_names_of_several_words(text: str, named: list[str]) -> None:
    """Events and laws are none and hold none; short forms and later mentions are those named before."""
    assert [entity.quote for entity in link(text)] == named


def test_short_forms_are_what_they_stand_for() -> None:
    """Initials of an organisation with an id have that id."""
    text = "The International Organization for Migration asked for help. The IOM is short of tents."
    assert [entity.id for entity in link(text)] == ["iom", "iom"]


def test_low_margins_are_flagged() -> None:
    """Two persons of one family name, an alias of an office, an office by the country of its text."""
    last = link("Leah Moreno met Ana Moreno. Moreno left.")[-1]
    assert (last.name, last.flags) == ("Leah Moreno", ("ambiguous",))
    office, alias = link("Border Patrol agents met border patrol officials.")
    assert (office.quote, office.id, office.flags) == ("Border Patrol", "us-cbp", ())
    assert (alias.quote, alias.id, alias.flags) == ("border patrol officials", "us-cbp", ("alias",))
    ministry = link("Kyiv is calm, Ukraine says. The Interior Ministry agrees.")[-1]
    assert (ministry.id, ministry.flags) == ("ua-interior", ("by_context",))


@pytest.mark.parametrize(
    ("text", "words", "kind", "quote"),
    [
        ("He met the Pentagon's aides.", "the Pentagon's", "organisation", "Pentagon"),
        ("Then President Ada Brandt spoke.", "President Ada Brandt", "person", "Ada Brandt"),
        ("It rained in northern Osterlo.", "northern Osterlo", "place", "Osterlo"),
        ("The “Oster Front” agreed.", "The “Oster Front”", "organisation", "Oster Front"),
        ("Brandt's Council of Elders met.", "Brandt's Council of Elders", "organisation", "Brandt"),
        ("Nobody from St Anne's Hospital came.", "St Anne's Hospital", "organisation", "St Anne's Hospital"),
        ("Ada Brandt Friday spoke.", "Ada Brandt Friday", "person", "Ada Brandt"),
        ("Removing Brandt is hard.", "Removing Brandt", "person", "Brandt"),
        ("CLOSE Ada Brandt waves.", "CLOSE Ada Brandt", "person", "Ada Brandt"),
        ("The Harding administration fell.", "Harding administration", "organisation", "Harding"),
        ("We met Zuleyk Brandt.", "Brandt", "person", "Zuleyk Brandt"),
    ],
)
def test_borders_of_a_models_spans(text: str, words: str, kind: str, quote: str) -> None:
    """Articles, quotation marks, possessives, titles, directions and days are no part of a name."""
    at = text.index(words)
    spans = [Span(at, at + len(words), kind, 0.8, "model")]  # type: ignore[arg-type]
    assert quote in [entity.quote for entity in link(text, spans)]


@pytest.mark.parametrize(
    ("text", "words", "kind", "score"),
    [
        ("We bought the Zuleyk Pro.", "Zuleyk Pro", "organisation", 0.6),
        ("Then the Queen spoke.", "Queen", "person", 0.9),
        ("An Oscar-winning film.", "Oscar", "person", 0.9),
        ("A slowdown in EV sales.", "EV", "organisation", 0.9),
        ("They found faked Data At Hospitals.", "Data At Hospitals", "person", 0.9),
    ],
)
def test_what_a_model_takes_for_a_name(text: str, words: str, kind: str, score: float) -> None:
    """It is not believed where it is unsure, nor of titles, prizes, abbreviations of things and headlines."""
    at = text.index(words)
    assert link(text, [Span(at, at + len(words), kind, score, "model")]) == ()  # type: ignore[arg-type]


def test_a_model_agrees_with_itself() -> None:
    """The same words have the type of which the model is surest in all of the text."""
    text = "Zuleyk grew. Buyers of Zuleyk won. Ask Zuleyk."
    found = [text.index("Zuleyk"), text.index("Zuleyk won"), text.rindex("Zuleyk")]
    kinds = ["organisation", "place", "organisation"]
    spans = [Span(at, at + 6, kind, 0.8, "model") for at, kind in zip(found, kinds, strict=True)]  # type: ignore[arg-type]
    assert [entity.type for entity in link(text, spans)] == ["organisation"] * 3


def test_words_that_are_companies_have_ids_where_a_model_says_so() -> None:
    """ "Apple" is a company only where something else tells."""
    text = "Apple grew."
    assert [entity.id for entity in link(text, [Span(0, 5, "organisation", 0.8, "model")])] == ["apple"]
    assert link(text) == ()


def test_what_only_a_model_finds_is_linked_where_the_text_knows_it() -> None:
    """ "Iran" of "Iran-backed" is the Iran that the text names elsewhere."""
    text = "An Iran-backed group spoke to Iran."
    first, last = link(text, [Span(3, 7, "place", 0.8, "model")])
    assert (first.quote, first.id, last.id) == ("Iran", "IR", "IR")


@pytest.mark.parametrize(
    ("url", "country"),
    [
        ("https://news.example.co.uk/a", "GB"),
        ("http://example.mx", "MX"),
        ("https://a.example/a.uk", None),
        ("https://a.io", None),
        (None, None),
    ],
)  # fmt: skip
def test_home(url: str | None, country: str | None) -> None:
    """Domains of countries tell where readers live; those that anybody takes do not."""
    assert home(url) == country
