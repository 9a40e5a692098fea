"""The API as one WSGI program: moto, guarded and watched. A change is in force before its caller hears of it."""

from collections.abc import Callable, Iterable
from typing import Any

from .calls import Call, read_call
from .refusals import Refusal


class WatchedApi:
    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        refuse: Callable[[Call], Refusal | None],
        publish: Callable[[], None],
        log: Callable[[Call, int], None],
    ):
        self._app = app
        self._refuse = refuse
        self._publish = publish
        self._log = log

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        call = read_call(environ)
        statuses: list[int] = []

        def remember_status(status: str, *rest: Any) -> Any:
            statuses.append(int(status.split()[0]))
            return start_response(status, *rest)

        refusal = self._refuse(call)
        if refusal:
            answer = _send(refusal, remember_status)
        else:
            answer = self._app(environ, remember_status)
            if call.changes_ec2:
                self._publish()
        self._log(call, statuses[-1])
        return answer


def _send(refusal: Refusal, start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = refusal.body.encode()
    start_response(refusal.status, [("Content-Type", refusal.content_type), ("Content-Length", str(len(body)))])
    return [body]
