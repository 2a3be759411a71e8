"""What the inside asks of the outside: protocols, each with one contract suite that every implementation passes."""

from collections.abc import Sequence
from typing import Protocol

from streams.core.entities import Span

__all__ = ["Recogniser"]


class Recogniser(Protocol):
    """Finds names in texts, as a model does. `streams/models` has the implementations, tests/models/contract.py what they owe."""

    def recognize(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        """The names in each text, in order of place, none overlapping another.

        What a text gives does not depend on the others. Any text is taken, the empty one too, of any length: memory does not grow with
        it. Nothing that is returned refers to the model.
        """
        ...
