"""
The operator's access to the lab's AWS: an HTTP proxy that accepts CONNECT for AWS's host names, and connects all of
them to the front of this container. It never connects to anything else, so nothing leaves this machine.
"""

import asyncio
import os
import re
from contextlib import suppress

from .notify import tell_systemd
from .settings import OPERATOR_FRONT_PORT, PROXY_PORT, read_settings

AWS_HOST = re.compile(r"([a-z0-9-]+\.)*amazonaws\.com", re.IGNORECASE)
HEAD_LIMIT_BYTES = 16 * 1024
HEAD_TIMEOUT_SECONDS = 30
PIECE_BYTES = 256 * 1024


def refusal(request_line: str) -> str | None:
    """Why a request cannot be served, in one line; None if it can."""
    method, _, rest = request_line.partition(" ")
    target = rest.partition(" ")[0]
    if method != "CONNECT":
        return f"this proxy takes CONNECT only, not {method}: use https"
    host, _, port = target.rpartition(":")
    if port != "443" or not AWS_HOST.fullmatch(host):
        return f"{target} is not in the lab: this proxy leads to amazonaws.com and names below it, port 443, only"
    return None


class Proxy:
    def __init__(self, front_port: int = OPERATOR_FRONT_PORT):
        self._front_port = front_port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_TIMEOUT_SECONDS)
            problem = refusal(head.decode("latin-1").partition("\r\n")[0])
            if problem:
                await _answer(writer, "403 Forbidden", f"{problem}\n")
            else:
                await self._connect(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            # The client disconnected, or sent no complete request.
            pass
        finally:
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            front_reader, front_writer = await asyncio.open_connection("127.0.0.1", self._front_port)
        except OSError as error:
            await _answer(writer, "502 Bad Gateway", f"the lab's front does not answer: {error}\n")
            return
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pipe(reader, front_writer), _pipe(front_reader, writer))
        finally:
            front_writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copies one direction until its sender has finished; the other may continue."""
    with suppress(ConnectionError):
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()


async def _answer(writer: asyncio.StreamWriter, status: str, text: str) -> None:
    body = text.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


async def run(address: str, port: int, front_port: int) -> None:
    server = await asyncio.start_server(Proxy(front_port).serve, address, port, limit=HEAD_LIMIT_BYTES)
    tell_systemd("READY=1")
    await server.serve_forever()


def main() -> None:
    asyncio.run(run(str(read_settings(os.environ).internet_address), PROXY_PORT, OPERATOR_FRONT_PORT))


if __name__ == "__main__":
    main()
