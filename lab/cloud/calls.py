"""Reads an API request, in any of AWS's protocols."""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/aws4_request")


@dataclass(frozen=True)
class Call:
    service: str
    action: str
    parameters: Mapping[str, Any]
    access_key_id: str | None
    session_token: str | None
    source: str
    # By the caller's clock.
    signed_at: datetime | None = None

    @property
    def changes_ec2(self) -> bool:
        return self.service == "ec2" and not self.action.startswith(("Describe", "Get"))

    @property
    def changes_iam(self) -> bool:
        return self.service == "iam" and not self.action.startswith(("Get", "List", "Simulate"))


def read_call(environ: dict[str, Any]) -> Call:
    """Leaves the request's body unread for the application."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    credential = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    parameters = _parameters(environ, body)
    return Call(
        service=credential.group(2) if credential else "unsigned",
        action=_action(environ, parameters),
        parameters=parameters,
        access_key_id=credential.group(1) if credential else None,
        session_token=environ.get("HTTP_X_AMZ_SECURITY_TOKEN"),
        source=_source(environ),
        signed_at=_signed_at(environ),
    )


def _parameters(environ: dict[str, Any], body: bytes) -> dict[str, Any]:
    text = body.decode(errors="replace")
    if "json" in environ.get("CONTENT_TYPE", ""):
        return json.loads(text or "{}")
    form = parse_qs(text or environ.get("QUERY_STRING", ""))
    return {name: values[0] for name, values in form.items()}


def _action(environ: dict[str, Any], parameters: Mapping[str, Any]) -> str:
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return target.rsplit(".", 1)[-1]
    return parameters.get("Action", f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")


def _signed_at(environ: dict[str, Any]) -> datetime | None:
    try:
        return datetime.strptime(environ.get("HTTP_X_AMZ_DATE", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _source(environ: dict[str, Any]) -> str:
    """The caller's address. Only the front, on the loopback interface, may name another."""
    peer = environ.get("REMOTE_ADDR", "")
    return environ.get("HTTP_X_FORWARDED_FOR", peer) if peer.startswith("127.") else peer
