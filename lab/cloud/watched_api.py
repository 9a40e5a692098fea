"""
The API as one WSGI program: moto with authorization, logging and injected faults. A change takes effect before its
caller gets the answer.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any

from .calls import Call, read_call
from .faults import SLOW, SLOW_SECONDS, THROTTLED
from .refusals import Refusal, throttled


class WatchedApi:
    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        refuse: Callable[[Call], Refusal | None],
        publish: Callable[[], None],
        log: Callable[[Call, int, Sequence[str]], None],
        faults_of: Callable[[str], Sequence[str]],
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._app = app
        self._refuse = refuse
        self._publish = publish
        self._log = log
        self._faults_of = faults_of
        self._sleep = sleep
        self._one_at_a_time = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        call = read_call(environ)
        statuses: list[int] = []

        def remember_status(status: str, *rest: Any) -> Any:
            statuses.append(int(status.split()[0]))
            return start_response(status, *rest)

        faults = self._faults_of(call.source)
        if SLOW in faults:
            # Sleep before the call, not after it: so a call that its caller has given up still takes effect, but late.
            self._sleep(SLOW_SECONDS)
        # Moto does not support concurrent callers: a read during another's change fails, after making its own change.
        with self._one_at_a_time:
            refusal = throttled(call.service) if THROTTLED in faults else self._refuse(call)
            if refusal:
                answer = _send(refusal, remember_status)
            else:
                answer = self._app(environ, remember_status)
                if call.changes_ec2:
                    self._publish()
        self._log(call, statuses[-1], faults)
        return answer


def _send(refusal: Refusal, start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = refusal.body.encode()
    start_response(refusal.status, [("Content-Type", refusal.content_type), ("Content-Length", str(len(body)))])
    return [body]
