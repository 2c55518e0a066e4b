"""Run the service on this machine: in a thread, on a free port, started and stopped in a moment."""

import asyncio
import datetime
import socket
from collections.abc import Iterable, Sequence
from threading import Event, Thread
from types import TracebackType

import uvicorn
from starlette.applications import Starlette

from sandbox.estate import DEFAULT_DATE
from sandbox.faults import Fault
from sandbox.limits import Limits
from sandbox.service import Request, Service
from sandbox.transport import OpenWire
from sandbox.world import World

START_WITHIN = 10.0


class Sandbox:
    """A simulated GitHub for the duration of a `with` block; `url` is the address of its API."""

    def __init__(
        self,
        world: World,
        *,
        on: datetime.date = DEFAULT_DATE,
        port: int = 0,
        latency: float = 0.0,
        faults: Sequence[Fault | str] = (),
        tokens: Iterable[str] | None = None,
        limits: Limits | None = None,
        graphql_schema: str | None = None,
    ) -> None:
        accepted = None if tokens is None else frozenset(tokens)
        self._service = Service(
            world, on, latency=latency, tokens=accepted, limits=limits or Limits(), graphql_schema=graphql_schema
        )
        self.faults = faults
        self._port = port

    @property
    def url(self) -> str:
        return self._service.url

    @property
    def world(self) -> World:
        return self._service.world

    @property
    def requests(self) -> list[Request]:
        """Every request so far, oldest first; clear() the list to count again from zero."""
        return self._service.requests

    @property
    def most_at_once(self) -> int:
        """The largest number of requests at the same time."""
        return self._service.most_at_once

    @property
    def date(self) -> datetime.date:
        return self._service.on

    @date.setter
    def date(self, on: datetime.date) -> None:
        self._service.on = on

    @property
    def latency(self) -> float:
        return self._service.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._service.latency = seconds

    @property
    def ahead(self) -> float:
        """How many seconds the clock is ahead of this machine's: increase it instead of waiting."""
        return self._service.ahead

    @ahead.setter
    def ahead(self, seconds: float) -> None:
        self._service.ahead = seconds

    @property
    def faults(self) -> Sequence[Fault]:
        return self._service.faults

    @faults.setter
    def faults(self, faults: Sequence[Fault | str]) -> None:
        self._service.faults = [Fault.parse(each) if isinstance(each, str) else each for each in faults]

    def __enter__(self) -> "Sandbox":
        # asyncio sends without delay (40 ms an answer) only if the protocol is given explicitly.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self._port))
        except OSError:
            listener.close()
            raise
        self._service.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = _Server(self._service.application())
        self._thread = Thread(target=self._server.run, args=([listener],), name="sandbox", daemon=True)
        self._thread.start()
        if not self._server.running.wait(START_WITHIN):
            raise RuntimeError("The sandbox did not start.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()
        self._thread.join()


class _Server(uvicorn.Server):
    """Stops at once, whatever is going on; uvicorn itself polls for the order and then waits for all requests."""

    def __init__(self, application: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http=OpenWire,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                date_header=False,
                server_header=False,
            )
        )
        self.running = Event()

    async def main_loop(self) -> None:
        self._loop, self._enough = asyncio.get_running_loop(), asyncio.Event()
        self.running.set()
        await self._enough.wait()

    def stop(self) -> None:
        """Stop it from another thread."""
        self._loop.call_soon_threadsafe(self._enough.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
