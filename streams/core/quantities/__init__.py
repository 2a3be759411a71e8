"""Quantities: numbers with what bounds them, what they measure or count, and per what time.

The grammar of one figure, over the tokens of a sentence::

    figure   := [cue] [change] [currency] amount [range] [percent] [cue] [unit | noun phrase] [cue] [rate]
    range    := joiner amount                        ("200 to 300", "between 2,000 and 3,000", "15, 16,000")
    pair     := "from" figure "to" figure            (a change: two figures, each naming the other)

Every number of a sentence comes back as a `Figure`; one that is a date, an age, a telephone number and so on bears the reason in `skip`.

The modules, in the order in which a sentence meets them: `scan` (which sentences), `reading` (one sentence), `refusals` (dates, ages, ...),
`bounds`, `units`, `nouns`, `changes`; `records` is what comes out.
"""

from streams.core.quantities.records import Dimension, Document, Figure, Passage, Rate, Role, TokenRange
from streams.core.quantities.refusals import NOT_QUANTITIES
from streams.core.quantities.scan import MOST_NUMBERS, MOST_QUANTITIES, measured, quantity, read

__all__ = [
    "MOST_NUMBERS",
    "MOST_QUANTITIES",
    "NOT_QUANTITIES",
    "Dimension",
    "Document",
    "Figure",
    "Passage",
    "Rate",
    "Role",
    "TokenRange",
    "measured",
    "quantity",
    "read",
]
