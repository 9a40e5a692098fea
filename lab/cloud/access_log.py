"""What each API call was, who made it, and how it ended: one line of JSON each."""

import io
import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qs

from .cloud import Cloud
from .sessions import Sessions
from .settings import Settings

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/aws4_request")


@dataclass(frozen=True)
class Call:
    service: str
    action: str
    access_key_id: str | None
    source: str

    @property
    def changes_ec2(self) -> bool:
        return self.service == "ec2" and not self.action.startswith(("Describe", "Get"))


def read_call(environ: dict[str, Any]) -> Call:
    """Leaves the request's body as it was, for whom it is meant."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    credential = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    return Call(
        service=credential.group(2) if credential else "unsigned",
        action=_action(environ, body),
        access_key_id=credential.group(1) if credential else None,
        source=source_of(environ),
    )


def source_of(environ: dict[str, Any]) -> str:
    """The caller's address; the front on the loopback interface is the only one that may name another."""
    peer = environ.get("REMOTE_ADDR", "")
    return environ.get("HTTP_X_FORWARDED_FOR", peer) if peer.startswith("127.") else peer


def _action(environ: dict[str, Any], body: bytes) -> str:
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return target.rsplit(".", 1)[-1]
    form = parse_qs(body.decode(errors="replace")) or parse_qs(environ.get("QUERY_STRING", ""))
    return form.get("Action", [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"])[0]


class CallLog:
    def __init__(self, path: str, settings: Settings, cloud: Cloud, sessions: Sessions):
        self._path = Path(path)
        self._settings = settings
        self._cloud = cloud
        self._sessions = sessions
        self._lock = Lock()

    def write(self, call: Call, status: int) -> None:
        line = {
            "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "service": call.service,
            "action": call.action,
            "caller": self._caller(call),
            "source": call.source,
            "status": status,
        }
        with self._lock, self._path.open("a") as log:
            log.write(json.dumps(line) + "\n")

    def _caller(self, call: Call) -> str:
        session = self._sessions.with_access_key(call.access_key_id or "")
        if session:
            return session.node
        if call.access_key_id == self._settings.operator_access_key_id:
            return "operator"
        instance = self._cloud.instance_at(call.source)
        return self._cloud.name_of(instance) if instance else "unknown"
