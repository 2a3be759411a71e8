"""Who and where: the people, organisations and places that a text names, each with a stable id where we are sure of one.

In the order in which a name meets them:

    span.py         a stretch of text that a recogniser took for a name: the gazetteer's, or a model's, which come in from outside
    gazetteer.py    names of the lexicon in a sentence, by their words
    link.py         the gazetteer's names and a model's spans -> entities with ids

Pure: the model itself lives in `streams/models`, and only its spans come here.
"""

from streams.core.entities.gazetteer import Entry, Mention, mentions, offices, places, settled, within
from streams.core.entities.link import link
from streams.core.entities.span import Span, SpanSource

__all__ = ["Entry", "Mention", "Span", "SpanSource", "link", "mentions", "offices", "places", "settled", "within"]
