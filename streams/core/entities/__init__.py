"""Who and where: the people, organisations and places that a text names, each with a stable id where we are sure of one.

In the order in which a name meets them:

    names.py        the names of the lexicon, compiled: countries, states, regions, offices; what lies in what
    own.py          places and offices that a user adds
    fold.py         names as they are compared
    atlas.py        80,000 towns and subdivisions: what a name may mean
    evidence.py     which countries a text speaks of
    towns.py        the towns in a sentence, and which of the places of a name it is
    gazetteer.py    names of the lexicon in a sentence, by their words, with ids
    shapes.py       names that nothing lists, by their shape
    span.py         a stretch of text that a model took for a name; they come in from outside
    borders.py      the borders of such spans, brought to where a name begins and ends
    merge.py        all of these as one list without overlaps
    again.py        names found again in the rest of the text, and short forms of organisations
    people.py       later mentions of a person named in full before
    home.py         the country of an article's readers, by its address
    link.py         the whole way -> entities with ids

Pure: the model itself lives in `streams/models`, and only its spans come here.
"""

from streams.core.entities.gazetteer import Mention, mentions, settled
from streams.core.entities.home import home
from streams.core.entities.link import Finder, Linked, link, linked
from streams.core.entities.names import Entry, add, known_office, known_place, offices, place_names, places, reset, within
from streams.core.entities.span import Span, SpanSource

__all__ = [
    "Entry",
    "Finder",
    "Linked",
    "Mention",
    "Span",
    "SpanSource",
    "add",
    "home",
    "known_office",
    "known_place",
    "link",
    "linked",
    "mentions",
    "offices",
    "place_names",
    "places",
    "reset",
    "settled",
    "within",
]
