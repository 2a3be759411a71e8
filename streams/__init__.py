"""newsgauge: articles in, the figures in their sentences read, alerts out when a rule's threshold is crossed.

    core/          everything that is decided, as pure functions; begin with its map
    live/          the worker: Faust around the core
    replay/        the past again, at full speed: replay, backtest, archives
    notify/        the notifier: from alerts to receivers
    api/           alerts over HTTP: JSON, a stream of events, the live page
    kafka/         Kafka without Faust, for the commands
    brokers/       brokers that we start ourselves, for demo, tests and those without Docker
    models/        models that find names in texts, behind a port
    ports.py       what the inside asks of the outside, as protocols
    observe/       metrics and log lines
    cli/           the command `newsgauge`, one module a command
    config.py      every setting
    topics.py      every topic
    asyncapi.py    the topics as an AsyncAPI document
    gazetteer.py   the towns and subdivisions of the lexicon, generated from GeoNames and ISO 3166

docs/architecture.md says how an article becomes an alert, and which of these may import which.
"""
