"""
The API as one WSGI program: moto with authorization, logging, injected faults and AWS's pace. A change takes effect
before its caller gets the answer.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any

from .calls import Call, read_call
from .faults import SLOW, SLOW_SECONDS, STALE, THROTTLED
from .pace import Pace
from .past_answers import Answer, PastAnswers
from .refusals import Refusal, throttled


class WatchedApi:
    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        refuse: Callable[[Call], Refusal | None],
        changed: Callable[[Call], None],
        log: Callable[[Call, int, Sequence[str]], None],
        faults_of: Callable[[str], Sequence[str]],
        pace: Pace | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._app = app
        self._refuse = refuse
        self._changed = changed
        self._log = log
        self._faults_of = faults_of
        self._pace = pace or Pace()
        self._sleep = sleep
        self._one_at_a_time = Lock()
        self._past_answers = PastAnswers()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        call = read_call(environ)
        faults = self._faults_of(call.source)
        is_throttled = THROTTLED in faults or self._pace.throttles(call)
        seconds = SLOW_SECONDS if SLOW in faults else 0 if is_throttled else self._pace.call_seconds(call)
        if seconds:
            # Sleep before the call, not after it: so a call that its caller has given up still takes effect, but late.
            self._sleep(seconds)
        # Moto does not support concurrent callers: a read during another's change fails, after making its own change.
        with self._one_at_a_time:
            refusal = throttled(call.service) if is_throttled else self._refuse(call)
            if refusal:
                answer = _refused(refusal)
            else:
                answer = self._ask(environ)
                self._past_answers.keep(call, answer)
                if call.changes_ec2 or call.changes_iam:
                    self._changed(call)
                if STALE in faults:
                    answer = self._past_answers.of(call) or answer
        self._log(call, int(answer.status.split()[0]), faults)
        start_response(answer.status, answer.headers)
        return [answer.body]

    def between_calls(self, act: Callable[[], None]) -> None:
        """Does something to the account that no call asked for."""
        with self._one_at_a_time:
            act()

    def _ask(self, environ: dict[str, Any]) -> Answer:
        heads: list[tuple[str, list[tuple[str, str]]]] = []

        def remember(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], None]:
            heads.append((status, headers))
            return lambda _: None

        body = b"".join(self._app(environ, remember))
        return Answer(*heads[-1], body)


def _refused(refusal: Refusal) -> Answer:
    body = refusal.body.encode()
    headers = [("Content-Type", refusal.content_type), ("Content-Length", str(len(body)))]
    return Answer(refusal.status, headers, body)
