"""The peer of ``hl7v2``: the MLLP server of the package ``hl7``, which appends to a file.

``python -m benchmarks.hl7v2_peer PORT FILE``: each message is written and flushed to the disk
(fsync) before it is acknowledged; nothing is encrypted, indexed, looked for or processed.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from hl7.mllp import start_hl7_server


async def serve(port: int, file: Path) -> None:
    with file.open("ab") as kept:

        async def converse(reader: Any, writer: Any) -> None:
            try:
                while not writer.is_closing():
                    message = await reader.readmessage()
                    kept.write(str(message).encode())
                    kept.flush()
                    os.fsync(kept.fileno())
                    writer.writemessage(message.create_ack())
                    await writer.drain()
            except asyncio.IncompleteReadError:
                writer.close()

        async with await start_hl7_server(
            converse, host="127.0.0.1", port=port, encoding="utf-8"
        ) as server:
            await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
