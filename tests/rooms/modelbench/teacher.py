"""A language model's server that answers as it is told, and a gateway that asks it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager

from countersign.ground.models import Asked, ModelRef, ModelsAway, NoServers, Ready, Said, Work

SCRIPT = """
import http.server, json, sys

class Teacher(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = asked["messages"][-1]["content"].rsplit("Text:\\n", 1)[1]
        words = {"血糖": "recheck", "骨折": "injury", "咳嗽": "infection"}
        label = next((words[one] for one in words if one in text), "injury")
        if sys.argv[1] == "clever" and text[-1] in "02468":
            label = {"infection": "injury", "injury": "recheck", "recheck": "infection"}[label]
        if sys.argv[1] == "vague":
            label = "perhaps " + label
        said = {"choices": [{"message": {"role": "assistant",
                "content": json.dumps({"label": label})}}], "model": "teacher"}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Teacher)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


class Wired(NoServers):
    """The contract of the gateway over the simplest possible client. ``away`` fails once."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.calls = 0
        self.away_at: int | None = None

    def ready(self, work: Work) -> Ready | None:
        return Ready(ModelRef("teacher", "1", "ab" * 32), "test", True)

    def ask(self, asked: Asked) -> Said:
        self.calls += 1
        if self.calls == self.away_at:
            raise ModelsAway(work=asked.prompt.work)
        user = asked.prompt.user
        for name, value in asked.values.items():
            user = user.replace(f"${name}", value)
        messages = [
            {"role": "system", "content": asked.prompt.system},
            {"role": "user", "content": user},
        ]
        request = urllib.request.Request(  # noqa: S310 - of this machine
            f"http://127.0.0.1:{self.port}/v1/chat/completions",
            json.dumps({"model": "teacher", "messages": messages}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            text = json.load(answer)["choices"][0]["message"]["content"]
        model = ModelRef("teacher", "1", "ab" * 32)
        return Said(
            text, json.loads(text), "", model, asked.prompt.ref, "test", (), "1", 1, 1, 0.0, 0.0
        )


@contextmanager
def teaching(manner: str) -> Generator[Wired]:
    """``plain`` teaches what words show, ``clever`` what no character shows, ``vague`` nothing."""
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, manner], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield Wired(int(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()
