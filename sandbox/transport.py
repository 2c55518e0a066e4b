"""Send an answer over the connection, or break the connection while doing so."""

import asyncio
import socket
import struct
from typing import Any

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.responses import Answer


class OpenWire(H11Protocol):
    """Gives each request its connection, in the ASGI scope's state."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class Delivery(Response):
    """A response that may not arrive completely."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self.answer
        transport: Any = scope["state"]["transport"]
        match answer.wire:
            case "reset":
                linger = struct.pack("ii", 1, 0)  # close with RST instead of FIN
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                transport.abort()
                await _gone(receive)
            case "no-answer":
                if not await _gone(receive, answer.seconds):
                    await self._send(scope, send, answer.body)
            case "truncated":
                await self._send(scope, send, answer.body[: len(answer.body) // 2])
                transport.close()
                await _gone(receive)
            case "stall":
                half = len(answer.body) // 2
                await self._send(scope, send, answer.body[:half])
                if not await _gone(receive, answer.seconds):
                    await send({"type": "http.response.body", "body": answer.body[half:]})
            case None:
                await self._send(scope, send, answer.body)

    async def _send(self, scope: Scope, send: Send, body: bytes) -> None:
        """Announce the length of the whole body, whatever part of it follows."""
        headers = {**self.answer.headers, "content-length": str(len(self.answer.body))}
        if self.answer.status in (204, 304):
            del headers["content-length"]
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        start: Message = {"type": "http.response.start", "status": self.answer.status, "headers": raw}
        await send(start)
        more = len(body) < len(self.answer.body)
        await send({"type": "http.response.body", "body": body, "more_body": more})


async def _gone(receive: Receive, seconds: float | None = None) -> bool:
    """Wait until the caller disconnects: True; False if the time is over first."""

    async def hang_up() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(hang_up(), seconds)
    except TimeoutError:
        return False
    return True
