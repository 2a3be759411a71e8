"""Everything that is decided, as pure functions: values in, values out, time as an argument, the same input the same bytes.

In the order in which an article meets them:

    intake.py       an article as it came -> a document, or why not
    lexicon/        what is known of language and of the world, as data
    text.py         sentences and tokens, with offsets into the text as received
    numbers/        the numbers in a sentence
    dates/           the times in a sentence, resolved against the publication date
    quantities/     numbers with bounds, units, periods: what is measured
    entities/       people, organisations and places, with ids
    claims/         the quantities that report something, with all that a rule needs
    effort.py       how far entities are looked for
    naming.py       the entities of texts that were read, with a model on as much of them as is asked
    enrich.py       a document -> everything read from it, and the records for `claims`

    origin.py       which stories are one
    untrusted.py    what strangers wrote, as it may be shown
    yamlfile.py     YAML that people write, with the line and column of every fault
    rules.py        rule files
    grading.py      does a figure meet a condition, and how surely
    matching.py     does a claim speak to a rule
    voices.py       which figures a series holds, and which of a voice is current
    transitions.py  the life of an alert, as one table
    assess.py       what the figures of a series say of its level
    evaluate.py     the state machine of one alert: (series, input, now) -> (series, events)
    report.py       its events as alert records
    kept.py         what is kept between two records
    state.py        that in the hands of one record
    reported.py     the figures that the news reported last
    pipeline.py     all of these as one step: (state, claim) -> alerts, changes

    rehearse.py     the whole flow over a sequence of articles, without a broker
    cases.py        written tests of rules
    verdict.py      running them: what differs from what was expected
    advice.py       what is valid in a rule file and hardly meant
    judging.py      what a rule makes of one claim, step by step

    delivery/       from an alert and a file of receivers to what is sent, when, and what follows
"""
