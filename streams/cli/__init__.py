"""The command line: one module a command, thin over the packages that do the work.

    main.py      the application: `newsgauge --help`, errors as sentences, exit statuses
    options.py   what several commands share: options, settings, times, output streams
    inputs.py    files and standard input, as JSON lines or plain text
    present.py   how a figure, a claim, an alert look to a person
    letters.py   how a dead letter looks
    child.py     a worker as a child process

    worker.py    newsgauge worker     runs the flow
    publish.py   newsgauge publish    articles into Kafka
    tail.py      newsgauge tail       what is in a topic
    api.py       newsgauge api, token alerts over HTTP, and who may ask for them
    notify.py    newsgauge notify     delivers alerts to receivers
    silence.py   newsgauge silence    add, list, expire
    deliveries.py                     newsgauge deliveries: list, redeliver
    extract.py   newsgauge extract    JSON lines in, figures out; no broker
    explain.py   newsgauge explain    a text with every figure marked
    explain_entities.py               whom and what a text names, and who found it
    explain_rule.py                   what a rule makes of a text, step by step
    rules.py     newsgauge rules      check, test, show, apply
    rules_told.py                     how rules, their state and their tests look
    rules_live.py                     their state in Kafka, and putting them in force
    past.py                           which past, for both of these
    replay.py    newsgauge replay     the past again
    backtest.py  newsgauge backtest   two rule sets, or two readers, over the same past
    differing.py                      how what differs looks
    archive.py   newsgauge archive    a topic's range as a file
    topics.py    newsgauge topics     create, check, describe
    dead.py      newsgauge dead       list, show, redrive
    broker.py    newsgauge broker     a broker of our own
    demo.py      newsgauge demo       the whole flow on written stories
    stage.py                          where it plays
    show.py                           what the demo does once its broker runs
    stories/                          the stories

Modules import here at their top only what is quick to import: `extract` has to be there in half a second.
"""
