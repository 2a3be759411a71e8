"""What `newsgauge demo` does once its broker runs: a worker, the stories one by one, what came of each, and waiting to be looked at."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from schemas import Alert, Article, Enriched, decode, encode
from streams.brokers.node import log_tail
from streams.cli.child import WorkerProcess, free_port
from streams.cli.options import CommandError, complain, print_json, utc_now
from streams.cli.present import alert_told, console, has_colour, tell
from streams.cli.stories import Story, articles
from streams.core.intake import identify
from streams.kafka import Admin, Record, Writer, read
from streams.topics import ALERTS, ARTICLES, ENRICHED, Topic

if TYPE_CHECKING:
    from streams.cli.stage import Stage
    from streams.config import Settings

__all__ = ["perform"]

STORY_SECONDS = 30.0
"""How long what must come of a story may take."""
INTERRUPTED = 130
AROUND = """
It stays up until Ctrl-C, and shows what comes. In another terminal:

    echo "About 12,500 migrants a day are now apprehended at the southwest border, officials said." | {shell} publish -
    {shell} tail claims
    {shell} topics describe

Alerts as they come are on the page at {page}, the worker's state is at {state}"""


@dataclass(slots=True)
class _Heard:
    """What has come out of the worker so far, with the moment (monotonic seconds) at which it came."""

    enriched: dict[str, float] = field(default_factory=dict)
    alerts: list[tuple[float, Alert]] = field(default_factory=list)
    told: int = 0
    """Of the alerts, how many have been shown."""
    fault: BaseException | None = None
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, so: Callable[[], bool], worker: WorkerProcess, seconds: float) -> bool:
        """Waits until `so` is true; False where it did not become so in time. Raises where the worker or the broker is gone."""
        end = monotonic() + seconds
        async with self.news:
            while not so():
                worker.check()
                if self.fault:
                    raise self.fault
                if monotonic() > end:
                    return False
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.news.wait(), 1)
        return True

    def untold(self) -> list[tuple[float, Alert]]:
        """The alerts that have not been shown yet; they count as shown from now on."""
        since, self.told = self.told, len(self.alerts)
        return self.alerts[since:]


async def perform(stage: "Stage", home: Path, *, once: bool, json: bool) -> int:
    """Plays the demo on a broker that runs; the exit status. SIGINT and SIGTERM end it in order."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, task.cancel)
    say = complain if json else print
    stayed = False
    try:
        say(f"broker  {stage.settings.bootstrap}  ({stage.about})")
        async with (
            _worker(stage, home, say) as worker,
            _page(stage.settings, None if once else say) as page,
            _listening(stage.settings) as heard,
        ):
            await _tell_stories(stage.settings, worker, heard, json)
            stayed = True
            if not once:
                await _stay(stage, worker, page, heard, json)
    except asyncio.CancelledError:
        return 0 if stayed else INTERRUPTED
    return 0


@asynccontextmanager
async def _worker(stage: "Stage", home: Path, say: Callable[[str], None]) -> AsyncIterator[WorkerProcess]:
    """A worker that is ready; afterwards it is gone, and so are its topics on a broker that is not ours."""
    port = free_port()
    worker = WorkerProcess(home, stage.arguments, stage.environment, cwd=stage.cwd or home, web_port=port)
    try:
        await worker.ready()
        say(f"worker  {worker.page}  (state; {worker.page}metrics for Prometheus)")
        yield worker
    finally:
        worker.stop()
        if not stage.ours:
            async with Admin(stage.settings) as admin:
                await admin.delete(stage.settings.topic_prefix)


@asynccontextmanager
async def _page(settings: "Settings", say: Callable[[str], None] | None) -> AsyncIterator[str]:
    """The address of the live page, served by this process; empty, and not served, where nobody is there to be told."""
    if say is None:
        yield ""
        return
    from streams.api.server import serving
    from streams.api.tokens import Tokens

    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    async with serving(settings.model_copy(update={"api_bind": "127.0.0.1", "api_port": port}), Tokens(settings.api_tokens)):
        say(f"page    {address}  (alerts as they come)")
        yield address


@asynccontextmanager
async def _listening(settings: "Settings") -> AsyncIterator[_Heard]:
    """Hears every enriched article and every alert."""
    heard = _Heard()

    async def listen(topic: Topic) -> None:
        try:
            async for record in read(settings, topic.named(settings.topic_prefix), start="beginning", follow=True):
                await hear(topic, record, monotonic())
        except Exception as error:  # it is raised where somebody waits for news
            heard.fault = error

    async def hear(topic: Topic, record: Record, now: float) -> None:
        async with heard.news:
            if topic is ALERTS:
                heard.alerts.append((now, decode(record.value, Alert)))
            else:
                heard.enriched[decode(record.value, Enriched).document] = now
            heard.news.notify_all()

    tasks = [asyncio.create_task(listen(topic)) for topic in (ALERTS, ENRICHED)]
    try:
        yield heard
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _tell_stories(settings: "Settings", worker: WorkerProcess, heard: _Heard, json: bool) -> None:
    """Publishes the stories, each after what must come of the one before. CommandError where other alerts came than should."""
    wanted: list[str] = []
    async with Writer(settings) as writer:
        for story, article in articles(utc_now()):
            wanted += story.alerts
            _introduce(story, json)
            sent, document = monotonic(), identify(article)[0]
            await _publish(settings, writer, article)
            came = await heard.until(partial(_came, heard, document, len(wanted)), worker, STORY_SECONDS)
            _tell(story, heard, sent, document, json)
            if not came:
                missing = " and ".join(wanted[len(heard.alerts) :]) or "reading"
                late = f"{missing} did not come of {story.title!r} within {STORY_SECONDS:.0f} s"
                raise CommandError(f"{late}. The worker said last: {log_tail(worker.log)}")
    transitions = [alert.transition for _, alert in heard.alerts]
    if transitions != wanted:
        raise CommandError(f"The alerts should have been {', '.join(wanted)}, but were {', '.join(transitions)}.")


def _came(heard: _Heard, document: str, alerts: int) -> bool:
    """Has the document been read, and have so many alerts come?"""
    return document in heard.enriched and len(heard.alerts) >= alerts


def _introduce(story: Story, json: bool) -> None:
    if not json:
        out = console()
        out.print(f"\n{story.publisher}: {story.title}", style="bold")
        out.print(f"({story.note})", style="dim")


def _tell(story: Story | None, heard: _Heard, sent: float | None, document: str, json: bool) -> None:
    """Shows the alerts that have come since the last time, or says that there is none."""
    out = console()
    untold = heard.untold()
    for moment, alert in untold:
        took = None if sent is None else (moment - sent) * 1000
        if json:
            print_json({"story": story and story.name, "took_ms": took and round(took, 1), "alert": alert})
        else:
            tell(out, alert_told(alert, colour=has_colour(out), took_ms=took))
    if story and sent and not untold and document in heard.enriched:
        read_ms = (heard.enriched[document] - sent) * 1000
        if json:
            print_json({"story": story.name, "took_ms": round(read_ms, 1), "alert": None})
        else:
            out.print(f"    no alert; it was read {read_ms:,.0f} ms after publication")


async def _stay(stage: "Stage", worker: WorkerProcess, page: str, heard: _Heard, json: bool) -> None:
    """Shows what comes, until it is interrupted."""
    if not json:
        print(AROUND.format(shell=stage.shell, page=page, state=worker.page), flush=True)
    while True:
        if await heard.until(lambda: heard.told < len(heard.alerts), worker, 3600):
            _tell(None, heard, None, "", json)


async def _publish(settings: "Settings", writer: Writer, article: Article) -> None:
    settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def done(fault: BaseException | None) -> None:
        settled.set_result(None) if fault is None else settled.set_exception(fault)

    value = encode({key: value for key, value in asdict(article).items() if value is not None})
    await writer.write(ARTICLES.named(settings.topic_prefix), value, key=identify(article)[0].encode(), done=done)
    await settled
