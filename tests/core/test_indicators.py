"""The indicators are data: each has examples that hold, and a user can add one without Python."""

from datetime import date

import pytest

from streams.core.claims import compile_indicators, read, standard
from streams.core.claims.indicator import _noun, _verb
from streams.core.lexicon import LexiconError

DAY = date(2024, 7, 15)
PACK = standard().by_name
EXAMPLES = [(name, text, quote) for name, series in PACK.items() for text, quote in series.examples]
COUNTER = [(name, text, quote) for name, series in PACK.items() for text, quote in series.counter]
NAMES = {
    "apprehensions": "border_flow", "encounters": "border_flow", "crossings": "border_flow", "arrivals": "border_flow",
    "caravan_size": "en_route", "en_route": "en_route", "detained": "custody", "deported": "custody", "arrests": "custody",
    "personnel": "custody", "asylum_claims": "asylum", "backlog": "asylum", "displaced": "displacement", "deaths": "harm",
    "injured": "harm", "missing": "harm", "rescued": "harm", "seized_drugs": "seizures", "money": "other", "other": "other",
}  # fmt: skip
FERRIES = """
[indicator.ferries_delayed]
family = "transport"
title = "Ferries that left late"
kind = "flow"
period = "event"
units = ["ferry", "percent"]
examples = [["Fog delayed 31 ferries.", "31"]]
counter = []
[[indicator.ferries_delayed.cue]]
done_to = ["delay", "hold/held up"]
noun = ["late sailing"]
"""


def indicator_of(text: str, quote: str) -> set[str | None]:
    return {claim.indicator for claim in read(text, published=DAY, document="example").claims if claim.quote == quote}


def test_names_and_families() -> None:
    """The pack has the indicators of the reference, each in its family."""
    assert {name: series.family for name, series in PACK.items()} == NAMES


@pytest.mark.parametrize(("name", "text", "quote"), EXAMPLES, ids=[f"{row[0]}: {row[1][:50]}" for row in EXAMPLES])
def test_examples_bind(name: str, text: str, quote: str) -> None:
    """The examples of an indicator are read as it."""
    assert indicator_of(text, quote) == {name}


@pytest.mark.parametrize(("name", "text", "quote"), COUNTER, ids=[f"{row[0]}: {row[1][:50]}" for row in COUNTER])
def test_counter_examples_do_not_bind(name: str, text: str, quote: str) -> None:
    """The counter-examples are not."""
    assert name not in indicator_of(text, quote)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("apprehend", "apprehended apprehend apprehends apprehending"),
        ("die/died/died/dying", "died die dies dying"),
        ("flee/fled/fled/fleeing", "fled flee flees fleeing"),
        ("take/took/taken", "taken took take takes taking"),
        ("deny", "denied deny denies denying"),
        ("cross", "crossed cross crosses crossing"),
        ("rescue", "rescued rescue rescues rescuing"),
    ],
)
def test_verbs_are_inflected(entry: str, words: str) -> None:
    """A verb is looked up in all its forms."""
    assert {" ".join(form) for form, _ in _verb(entry)} == set(words.split())


@pytest.mark.parametrize(
    ("entry", "plural"),
    [
        ("apprehension", "apprehensions"),
        ("fatality", "fatalities"),
        ("crossing", "crossings"),
        ("claim for asylum", "claims for asylum"),
        ("body", "bodies"),
    ],
)
def test_nouns_have_plurals(entry: str, plural: str) -> None:
    """A noun is looked up in both numbers; of "claim for asylum" the head changes."""
    assert plural in {" ".join(words) for words, _ in _noun(entry)}


def test_user_adds_an_indicator() -> None:
    """A file beside the standard one adds a series."""
    pack = compile_indicators([FERRIES])
    claims = (
        read("Fog delayed 31 ferries on Monday.", published=DAY, document="example", indicators=pack).claims
        if "other" in pack.by_name
        else ()
    )
    assert not claims  # alone it lacks "other" and "money"
    from importlib import resources

    from streams.core import lexicon

    both = compile_indicators([resources.files(lexicon).joinpath("indicators.toml").read_text(encoding="utf-8"), FERRIES])
    claims = read("Fog delayed 31 ferries on Monday.", published=DAY, document="example", indicators=both).claims
    assert [(claim.quote, claim.indicator, claim.family) for claim in claims] == [("31", "ferries_delayed", "transport")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("not = [toml", "indicators"),
        (FERRIES.replace('kind = "flow"', 'kind = "river"'), "ferries_delayed.kind"),
        (FERRIES.replace('period = "event"', 'period = "minute"'), "ferries_delayed.period"),
        (FERRIES.replace("done_to", "done_at"), "done_at"),
        (FERRIES + 'needs = ["fog"]\n', "fog"),
        (FERRIES + 'flow = "boats"\n', "boats"),
        (FERRIES.replace('"31"', '"32"'), "32"),
        (FERRIES.replace('family = "transport"', ""), "family"),
    ],
)
def test_bad_files_are_refused(text: str, names: str) -> None:
    """What cannot be used is refused with its name."""
    with pytest.raises(LexiconError, match=names):
        compile_indicators([text])
