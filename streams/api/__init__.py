"""Alerts and figures over HTTP, for people with a browser and programs without Kafka: `newsgauge api`.

    cursor.py      what a subscriber has seen, by partition and offset, as one opaque text
    facts.py       what a filter may ask of an alert, and the filter
    past.py        the alerts of the last days, in the order in which they came: snapshot, history, and where a stream goes on
    figures.py     the figures of the last days, by series
    following.py   one topic of Kafka, read for ever
    knowledge.py   what is known, kept current by one follower a topic, and how well
    parameters.py  what may stand behind the `?` of an address, and what is wrong with what does
    paging.py      where an answer with a limit ended
    answers.py     what the endpoints answer, as records
    problems.py    every error as an RFC 9457 problem
    tokens.py      bearer tokens, kept as hashes
    guard.py       what stands before every request: tokens, names, origins, safe headers, limits
    stream.py      Server-Sent Events: one ring, each client an index into it
    routes.py      the endpoints, each with its parameters and its answer
    openapi.py     the OpenAPI document of the endpoints
    listening.py   the sockets
    server.py      the process: start, watch over, stop

`page/` is the live page: files for a browser, served as they are.
"""
