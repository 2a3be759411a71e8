"""Delivery, as far as it is decided without a network: from an alert and a file of receivers to what is sent, when, and what follows.

matchers.py   label matchers, and the labels of an alert
receivers.py  the file of receivers and routes: parsed, with every fault by line and column
routing.py    which receivers an alert goes to, and which it is kept from
retry.py      what an answer means, and when to try again
lane.py       the state machine of one receiver and one fingerprint: in order, each event once
notices.py    what receivers are told of one another
formats.py    the bytes of a notification: newsgauge, alertmanager, slack, and text for chats
"""
