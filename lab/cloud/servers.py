"""Thin HTTP servers for the metadata service, and for the S3 server's requests to us."""

import json
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer

from .imds import MetadataService, Response
from .s3_identity import PROTOCOL, S3Identity
from .settings import METADATA_ADDRESS, METADATA_PORT

DEFAULT_TTL = 64


def metadata_server(service: MetadataService, address=(METADATA_ADDRESS, METADATA_PORT)) -> ThreadingHTTPServer:
    class Handler(_Handler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._answer(service.respond(self.command, self.path, headers, self.client_address[0]))

        do_PUT = do_POST = do_DELETE = do_HEAD = do_GET

        def _answer(self, response: Response) -> None:
            # An unread body would be taken for the next request.
            self._read_body()
            ttl = response.hop_limit or DEFAULT_TTL
            self.connection.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
            self._send(response.status, response.body.encode(), "text/plain", dict(response.headers))

    return _Server(address, Handler)


def identity_server(identity: S3Identity, path: str) -> ThreadingHTTPServer:
    class Handler(_Handler):
        def do_POST(self) -> None:
            status, answer = identity.respond(self.path, self._read_body())
            self._send(status, json.dumps(answer).encode(), "application/json", PROTOCOL)

    Path(path).unlink(missing_ok=True)
    server = _UnixServer(path, Handler)
    # It hands out signing keys, so only the S3 server, which runs as root, may use it.
    Path(path).chmod(0o600)
    return server


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        # The parent class would look up its own host name, and wait for a resolver that does not exist.
        TCPServer.server_bind(self)


class _UnixServer(_Server):
    address_family = socket.AF_UNIX

    def get_request(self):
        connection, _ = self.socket.accept()
        return connection, ("unix", 0)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "EC2ws"
    sys_version = ""
    # Sends each answer in one piece: headers and body are in one buffer, flushed at the end of the request.
    wbufsize = -1
    timeout = 60

    def _read_body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _send(self, status: int, body: bytes, content_type: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args) -> None:
        """Silent: the messages would flood the journal."""
