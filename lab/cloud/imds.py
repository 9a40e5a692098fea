"""The rules of the instance metadata service, version 2 only. Requests and answers are values; no sockets here."""

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

TOKEN_PATH = "/latest/api/token"
TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN_HEADER = "X-aws-ec2-metadata-token"
LONGEST_TTL_SECONDS = 21600
VERSION = re.compile(r"^(latest|\d{4}-\d{2}-\d{2}|1\.0)$")

# A folder is a dict, a file its text. A key such as `0=name` is listed like that, and opened as `0`.
Tree = dict[str, "Tree | str"]


@dataclass(frozen=True)
class Metadata:
    """What the service knows about the calling instance."""

    tree: Tree
    # Hops that the answer with a token may take: 1 keeps it from containers behind a bridge.
    hop_limit: int
    enabled: bool = True


@dataclass(frozen=True)
class Response:
    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    # Time to live of the answer's packets. Without it, the system's default applies.
    hop_limit: int | None = None


@dataclass(frozen=True)
class _Token:
    source: str
    ttl_seconds: int
    expires: float


class MetadataService:
    def __init__(self, metadata_of: Callable[[str], Metadata | None], now: Callable[[], float] = time.monotonic):
        self._metadata_of = metadata_of
        self._now = now
        self._tokens: dict[str, _Token] = {}

    def respond(self, method: str, path: str, headers: Mapping[str, str], source: str) -> Response:
        """`headers` by lower-case name; `source` is the packet's real source address."""
        metadata = self._metadata_of(source)
        if metadata is None:
            return Response(404)
        if not metadata.enabled:
            return Response(403)
        if method == "PUT":
            return self._issue_token(path, headers, source, metadata.hop_limit)
        if method not in ("GET", "HEAD"):
            return Response(405)
        token = self._tokens.get(headers.get(TOKEN_HEADER.lower(), ""))
        if token is None or token.source != source or token.expires <= self._now():
            return Response(401)
        return _read(metadata.tree, path)

    def _issue_token(self, path: str, headers: Mapping[str, str], source: str, hop_limit: int) -> Response:
        if path != TOKEN_PATH:
            return Response(405)
        if "x-forwarded-for" in headers:
            # Through an open proxy on the instance, anyone could ask for its credentials.
            return Response(403)
        ttl = headers.get(TTL_HEADER.lower(), "")
        if not (ttl.isdigit() and 1 <= int(ttl) <= LONGEST_TTL_SECONDS):
            return Response(400)
        self._forget_expired()
        token = secrets.token_urlsafe(40)
        self._tokens[token] = _Token(source, int(ttl), self._now() + int(ttl))
        return Response(200, token, {TTL_HEADER: ttl}, hop_limit)

    def _forget_expired(self) -> None:
        now = self._now()
        for value in [value for value, token in self._tokens.items() if token.expires <= now]:
            del self._tokens[value]


def _read(tree: Tree, path: str) -> Response:
    parts = [part for part in path.split("?")[0].split("/") if part]
    if not parts:
        return Response(200, "latest")
    if not VERSION.match(parts[0]):
        return Response(404)
    node: Tree | str = tree
    for part in parts[1:]:
        if isinstance(node, str):
            return Response(404)
        found = {key.split("=")[0]: value for key, value in node.items()}.get(part)
        if found is None:
            return Response(404)
        node = found
    return Response(200, node if isinstance(node, str) else listing(node))


def listing(folder: Tree) -> str:
    """One name per line, folders with a slash; `0=name` is a folder too, but has no slash."""
    return "\n".join(
        name + ("/" if isinstance(folder[name], dict) and "=" not in name else "") for name in sorted(folder)
    )
