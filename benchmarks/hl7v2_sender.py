"""A process of its own that sends HL7 v2 messages without pause and remembers what was promised.

``python -m benchmarks.hl7v2_sender PORT SECONDS CONNECTIONS PREFIX FILE``: each connection sends
one message, waits for its acknowledgement, and sends the next; one that was not acknowledged is
sent again on a new connection. FILE gets one JSON object.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

PATIENTS = 400
END = b"\x1c\r"

TEMPLATE = (
    "MSH|^~\\&|{app}|LAB|COUNTERSIGN|HOSPITAL|20261126090000+0800||ORU^R01^ORU_R01|{control}|P|2.5"
    "||||||UNICODE UTF-8\r"
    "PID|1||{number}^^^HIS^MR||王^小{number}||19500506|M|||上海路1号^^南京^^210000^CN\r"
    "PV1|1|I|cardiology^12^3||||||||||||||||V{number}^^^HIS\r"
    "ORC|RE|P{control}|F{control}\r"
    "OBR|1|P{control}|F{control}|U&E^Urea and electrolytes^L|||20261126083000+0800|||||||||||||||"
    "20261126085900+0800|||F\r"
    "OBX|1|NM|2823-3^Potassium^LN||{value}|mmol/L|3.5-5.3|N|||F|||20261126083000+0800\r"
    "OBX|2|NM|2951-2^Sodium^LN||139|mmol/L|135-145|N|||F|||20261126083000+0800\r"
    "OBX|3|NM|2160-0^Creatinine^LN||88|umol/L|57-111|N|||F|||20261126083000+0800\r"
)


def message(app: str, control: str, count: int) -> bytes:
    """A result of one of the patients, about 900 bytes."""
    text = TEMPLATE.format(
        app=app, control=control, number=1000 + count % PATIENTS, value=f"4.{count % 10}"
    )
    return b"\x0b" + text.encode() + END


class Line:
    """One connection that is opened anew when it breaks."""

    def __init__(self, port: int, app: str, until: float) -> None:
        self._port, self._app, self._until = port, app, until
        self._socket: socket.socket | None = None
        self.acknowledged: list[str] = []
        self.refused = 0
        self.broken = 0
        self.waits: list[float] = []

    def run(self) -> None:
        count = 0
        while time.monotonic() < self._until:
            control = f"{self._app}-{count}"
            content, begun = message(self._app, control, count), time.monotonic()
            while time.monotonic() < self._until + 20:
                answer = self._ask(content)
                if b"MSA|AA|" + control.encode() in answer:
                    self.acknowledged.append(control)
                    self.waits.append(time.monotonic() - begun)
                    break
                self.refused += bool(answer)
                time.sleep(0.05)
            count += 1
        if self._socket is not None:
            self._socket.close()

    def _ask(self, content: bytes) -> bytes:
        """The answer, or nothing when the connection broke: then nobody knows."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
            self._socket.sendall(content)
            answer = b""
            while not answer.endswith(END):
                part = self._socket.recv(65536)
                if not part:
                    raise ConnectionError
                answer += part
            return answer
        except OSError:
            self.broken += 1
            with suppress(OSError, AttributeError):
                self._socket.close()  # type: ignore[union-attr]
            self._socket = None
            return b""


def main(port: int, seconds: float, connections: int, prefix: str, file: Path) -> None:
    begun = time.monotonic()
    lines = [Line(port, f"{prefix}{place}", begun + seconds) for place in range(connections)]
    threads = [threading.Thread(target=line.run) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - begun
    waits = sorted(wait for line in lines for wait in line.waits)
    said = {
        "acknowledged": [one for line in lines for one in line.acknowledged],
        "refused": sum(line.refused for line in lines),
        "broken": sum(line.broken for line in lines),
        "seconds": took,
        "p50_ms": waits[len(waits) // 2] * 1000 if waits else 0.0,
        "p99_ms": waits[int(len(waits) * 0.99)] * 1000 if waits else 0.0,
    }
    file.write_text(json.dumps(said))


if __name__ == "__main__":
    port, seconds, connections, prefix, file = sys.argv[1:]
    main(int(port), float(seconds), int(connections), prefix, Path(file))
