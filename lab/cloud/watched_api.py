"""The API as one WSGI program: moto, watched. A change is in force before its caller hears of it."""

from collections.abc import Callable, Iterable
from typing import Any

from .access_log import Call, read_call

LogCall = Callable[[Call, int], None]


class WatchedApi:
    def __init__(self, app: Callable[..., Iterable[bytes]], publish: Callable[[], None], log: LogCall):
        self._app = app
        self._publish = publish
        self._log = log

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        call = read_call(environ)
        statuses: list[int] = []

        def remember_status(status: str, *rest: Any) -> Any:
            statuses.append(int(status.split()[0]))
            return start_response(status, *rest)

        answer = self._app(environ, remember_status)
        if call.changes_ec2:
            self._publish()
        self._log(call, statuses[-1])
        return answer
