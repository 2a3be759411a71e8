"""`newsgauge worker` with an event loop that SIGUSR2 blocks for ever. Run as a program."""

import signal
import time

from streams.cli.main import app

if __name__ == "__main__":
    signal.signal(signal.SIGUSR2, lambda *_: time.sleep(3600))
    app()
