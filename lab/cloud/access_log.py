"""Logs each API call, its caller and its result, as one line of JSON."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from .calls import Call
from .cloud import Cloud
from .sessions import Sessions
from .settings import Settings


class CallLog:
    def __init__(self, path: str, settings: Settings, cloud: Cloud, sessions: Sessions):
        self._path = Path(path)
        self._settings = settings
        self._cloud = cloud
        self._sessions = sessions
        self._lock = Lock()

    def write(self, call: Call, status: int, faults: Sequence[str] = ()) -> None:
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "service": call.service,
            "action": call.action,
            "caller": self._caller(call),
            "source": call.source,
            "status": status,
            **({"faults": faults} if faults else {}),
        }
        with self._lock, self._path.open("a") as log:
            log.write(json.dumps(line) + "\n")

    def _caller(self, call: Call) -> str:
        session = self._sessions.with_access_key(call.access_key_id or "")
        if session:
            return session.node
        if call.access_key_id == self._settings.operator_access_key_id:
            return "operator"
        assumed = self._cloud.assumed_role(call.access_key_id or "")
        if assumed:
            return assumed.arn
        instance = self._cloud.instance_at(call.source)
        return self._cloud.name_of(instance) if instance else "unknown"
