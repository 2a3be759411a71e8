"""The worker: the only home of Faust. Thin shells over `streams.core`; nothing is decided here.

    worker.py       run(settings): start, watch over, stop
    lifecycle.py    what a worker process does at its start and end
    overseer.py     is it ready, how far is it behind, is it stuck
    sensor.py       what Faust tells of its own work, as our metrics
    upkeep.py       the rule file put in force and watched; ticks that are due
    app.py          the Faust app and its two agents: articles -> enrich -> claims -> watch -> alerts
    reading.py      the reading process: batches of articles in, records as bytes out; a child of the worker
    readahead.py    the worker's side of it: records are read before their turn, published and acknowledged in it
    enriching.py    one record of `articles`: have it read, publish, or a dead letter
    watching.py     one record of `claims`: decode, judge, publish the alerts, then write the state
    outgoing.py     send and await the broker; dead letters; when nothing can be sent the process ends
    tables.py       the state of watch as plain keys over a Faust table, by partition
    faust_fixes.py  four faults of faust-streaming 0.15.3, mended

Import these only where a worker starts: importing Faust reads `sys.argv`.
"""
