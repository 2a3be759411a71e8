"""Numbers in the tokens of a sentence: value, span, form. What they measure or count is the business of `quantities`.

Read here: digits with their grouping ("1,010", "10 000", "10.000" where people are counted, "2,00,000"), scales ("7.2bn", "2.5 crore"),
number words ("nine hundred and twenty-one", "half a million"), vague plurals ("tens of thousands"), fractions ("two-thirds", "one in
three"), multiples ("doubled", "fivefold"), the currency sign before and the percent word after, ranges over all of these, and chains of
digits ("1-800-273-8255", "5:25", "9/11"), which are one number of kind "chain" so that nobody reads their pieces.

Each token is looked at a bounded number of times, so `find` is linear in the number of tokens.

The modules, in the order in which they build on each other: `tables` (the lexicon, compiled), `amounts` (the records), `scales`, `digits`,
`words`, `single` (one number), `ranges` (two that are one), `find` (all of a sentence).
"""

from streams.core.numbers.amounts import Amount, Cursor, Form, Kind
from streams.core.numbers.find import find, follows_one, is_trigger

__all__ = ["Amount", "Cursor", "Form", "Kind", "find", "follows_one", "is_trigger"]
