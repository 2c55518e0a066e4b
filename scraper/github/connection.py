"""A connection for PyGithub that limits the size and duration of answers, and catches what would confuse it."""

import contextlib
import os
import socket
import ssl
import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import requests
import truststore
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, RequestsResponse
from requests.adapters import HTTPAdapter

from scraper.errors import ConfigurationError
from scraper.github.responses import InvalidResponse, Redirected

LARGEST_ANSWER = 8 * 1024 * 1024
"""Bytes of a decompressed body: ten times a page of 100 repositories."""

LONGEST_ANSWER = 120.0
"""Seconds for a whole answer, headers included: at 64 kbit/s, a page takes 75 s."""

CHUNK = 64 * 1024


class _Adapter(HTTPAdapter):
    """Keeps the socket of its latest connection, to be able to cut it, and trusts the system's certificates."""

    def __init__(self, trusted: ssl.SSLContext | None) -> None:
        self._trusted = trusted
        self._wire: socket.socket | None = None
        self._release: Callable[[], object] = lambda: None
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **settings: Any) -> None:
        super().init_poolmanager(*args, **settings, ssl_context=self._trusted)

    def proxy_manager_for(self, proxy: str, **settings: Any) -> Any:
        return super().proxy_manager_for(proxy, **settings, ssl_context=self._trusted)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]
        if verify is True:
            conn.ca_certs = None  # requests would add a package's certificates to the system's

    def get_connection_with_tls_context(self, *args: Any, **settings: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **settings)
        if not isinstance(pool.ConnectionCls, partial):
            pool.ConnectionCls = partial(self._connect, pool.ConnectionCls)
        return pool

    def _connect(self, connection_class: Any, *args: Any, **settings: Any) -> Any:
        connection = connection_class(*args, **settings)
        # A weak reference: a pool's finalizer keeps its connections, and so would keep this adapter and the pool.
        reach, adapter = connection._new_conn, weakref.ref(self)

        def hold() -> socket.socket:
            wire: socket.socket = reach()
            if (holder := adapter()) is not None:
                holder._hold(wire)
            return wire

        connection._new_conn = hold
        return connection

    def _hold(self, wire: socket.socket) -> None:
        self._release()
        # A duplicate, because TLS detaches the socket in its handshake, and a response does after its headers.
        self._wire = wire.dup()
        self._release = weakref.finalize(self, self._wire.close)

    def cut(self) -> None:
        """Abort, from another thread, whatever is being received."""
        with contextlib.suppress(OSError):
            if self._wire:
                self._wire.shutdown(socket.SHUT_RDWR)


class _Whole(RequestsResponse):
    """A response whose body has already been read."""

    def __init__(self, response: requests.Response, body: bytes) -> None:
        super().__init__(response)
        self._body = body

    def read(self) -> str:
        return self._body.decode("utf-8", "replace")


class _Bounded:
    """Receives a whole answer within the limits, and raises in cases that PyGithub gets wrong."""

    def __init__(self, host: str, port: int | None, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)  # type: ignore[call-arg]
        self._adapter = _Adapter(_trusted() if self.protocol == "https" else None)  # type: ignore[attr-defined]
        self.session.mount(f"{self.protocol}://", self._adapter)  # type: ignore[attr-defined]

    def getresponse(self) -> RequestsResponse:
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._adapter.cut()

        watchdog = threading.Timer(LONGEST_ANSWER, expire)
        watchdog.daemon = True
        watchdog.start()
        try:
            answer = self._receive()
        except (requests.RequestException, OSError):
            if not expired.is_set():
                raise
        finally:
            watchdog.cancel()
        if expired.is_set():  # without a declared length, a cut body seems complete
            raise requests.Timeout
        return answer

    def _receive(self) -> RequestsResponse:
        connection: Any = self
        with connection.session.request(
            connection.verb,
            f"{connection.protocol}://{connection.host}:{connection.port}{connection.url}",
            headers=connection.headers,
            data=connection.input,
            timeout=connection.timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            if response.status_code in (202, 301, 302, 303, 307, 308):
                raise Redirected(response.status_code, response.headers.get("location"))
            body = bytearray()
            for chunk in response.iter_content(CHUNK):
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise InvalidResponse(f"its answer was larger than {LARGEST_ANSWER // 1024**2} MiB")
            return _Whole(response, bytes(body))


class _Http(_Bounded, HTTPRequestsConnectionClass):
    pass


class _Https(_Bounded, HTTPSRequestsConnectionClass):
    pass


def connect(scheme: str, host: str, port: int | None, timeout: float, *, proxies: bool) -> Any:
    """A connection that waits `timeout` seconds for data, and LONGEST_ANSWER for a whole answer."""
    connection: Any = (_Https if scheme == "https" else _Http)(host, port, timeout)
    connection.session.trust_env = proxies
    return connection


def _trusted() -> ssl.SSLContext:
    """The system's certificates, and those in SSL_CERT_FILE, which some systems would ignore."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if file := os.environ.get("SSL_CERT_FILE"):
        try:
            context.load_verify_locations(file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(f"SSL_CERT_FILE: {file} contains no PEM certificates: {error}.") from None
    return context
