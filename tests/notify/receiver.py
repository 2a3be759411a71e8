"""A receiver of webhooks to test against: a process of its own, which remembers on disk what it took, and can be told to fail.

    python receiver.py PORT LOG [PLAN]

Every request is appended to LOG as a JSON line before the answer goes out, so kill -9 loses none. PLAN is a file of JSON that is read
at each request: {"default": ACTION, "EVENT_ID": [ACTION, ...]}; the actions of an event are used up, one a request, then the default holds.
"""

import base64
import contextlib
import json
import os
import socket
import struct
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    log_file: Path
    plan_file: Path | None
    lock = threading.Lock()
    used: ClassVar[dict[str, int]] = {}

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("content-length", 0)))
        name = self.headers.get("webhook-id", "")
        with self.lock:
            action = self._action(name)
            taken = str(action).split(":")[0] in ("ok", "ok_then_reset", "ok_then_hang", "slow_body", "huge_body")
            line = {
                "id": name, "at": time.time(), "action": action, "taken": taken, "path": self.path,
                "headers": {key.lower(): value for key, value in self.headers.items()}, "body": base64.b64encode(data).decode(),
            }  # fmt: skip
            with self.log_file.open("a") as out:
                out.write(json.dumps(line) + "\n")
        with contextlib.suppress(OSError):
            self._act(str(action))

    def _action(self, name: str) -> Any:
        plan = json.loads(self.plan_file.read_text()) if self.plan_file and self.plan_file.exists() else {}
        todo = plan.get(name, [])
        place = self.used.get(name, 0)
        self.used[name] = place + 1
        return todo[place] if place < len(todo) else plan.get("default", "ok")

    def _act(self, action: str) -> None:
        word, _, more = action.partition(":")
        match word:
            case "ok":
                self._answer(200)
            case "status":  # status:503, status:429:Retry-After seconds
                status, _, wait = more.partition(":")
                if wait == "date":
                    wait = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
                self._answer(int(status), {"Retry-After": wait} if wait else {})
            case "redirect":
                self._answer(302, {"Location": more})
            case "hang" | "ok_then_hang":
                time.sleep(float(more or 30))
                self.close_connection = True
            case "reset" | "ok_then_reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                os.close(self.connection.detach())
                self.close_connection = True
            case "garbage":
                self.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")
                self.close_connection = True
            case "slow_body" | "slow_error":
                self._head(200 if word == "slow_body" else 500, 1_000_000)
                for _ in range(200):
                    self.wfile.write(b"x")
                    time.sleep(0.2)
            case "huge_body" | "huge_error":
                self._head(200 if word == "huge_body" else 500, 10**10)
                while True:
                    self.wfile.write(b"x" * 1_000_000)

    def _head(self, status: int, length: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(length), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.flush()

    def _answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        body = b"" if status < 300 else b"<b>no</b>\nthank you"
        self._head(status, len(body), headers)
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Silent."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """A connection that its client cut is none of ours to report."""


if __name__ == "__main__":
    Handler.log_file = Path(sys.argv[2])
    Handler.plan_file = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
