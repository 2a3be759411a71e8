"""A reading process that really dies, or hangs, on certain articles."""

import os
import time
from multiprocessing.connection import Connection

from streams.core.effort import Entities
from streams.live import reading

DEADLY, ONCE, ENDLESS = b"This article kills.", b"This article kills once: ", b"This article takes for ever."


class FatalReader(reading.Reader):
    def read(self, batch: reading.Batch) -> list[reading.Answer]:
        for value, _ in batch:
            if value and DEADLY in value:
                os.kill(os.getpid(), 9)
            if value and ENDLESS in value:
                time.sleep(3600)
            if value and ONCE in value:
                path = value.split(ONCE)[1].split(b"|")[0]
                try:
                    os.close(os.open(path, os.O_CREAT | os.O_EXCL))
                except FileExistsError:
                    continue
                os._exit(1)
        return super().read(batch)


def serve(pipe: Connection, entities: Entities, max_text: int, names: str) -> None:
    reading.Reader = FatalReader  # type: ignore[misc]
    reading.serve(pipe, entities, max_text, names)


def fail_to_start(pipe: Connection, entities: Entities, max_text: int, names: str) -> None:
    os._exit(3)
