"""How far people, organisations and places are looked for: the words of the setting `entities`.

off               not at all
gazetteer         by the names of the lexicon and the rules around them
model_on_claims   the same, and by a model in the sentences that carry a claim
model             the same, and by a model in the whole text
"""

from typing import Literal

__all__ = ["Entities", "needs_model"]

Entities = Literal["off", "gazetteer", "model_on_claims", "model"]


def needs_model(entities: Entities) -> bool:
    """Does it take a model?"""
    return entities in ("model", "model_on_claims")
