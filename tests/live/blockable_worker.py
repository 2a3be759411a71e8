"""`newsgauge worker` with an event loop that SIGUSR2 blocks for ever, and that may be blocked for half a minute. Run as a program."""

import signal
import time

from streams.cli.main import app
from streams.live import overseer

if __name__ == "__main__":
    overseer.LOOP_SECONDS = 30.0
    signal.signal(signal.SIGUSR2, lambda *_: time.sleep(3600))
    app()
