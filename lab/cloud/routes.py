"""The routes of public addresses, which follow a change after a while."""

from collections.abc import Callable, Sequence
from threading import Lock, Timer

from .gateway import PublicAddress


def run_later(seconds: float, act: Callable[[], None]) -> None:
    timer = Timer(seconds, act)
    timer.daemon = True
    timer.start()


class Routes:
    def __init__(
        self,
        apply: Callable[[Sequence[PublicAddress]], None],
        delay: Callable[[], float],
        later: Callable[[float, Callable[[], None]], None] = run_later,
    ):
        self._apply = apply
        self._delay = delay
        self._later = later
        self._wanted: list[PublicAddress] = []
        self._changes = 0
        self._arrived = 0
        self._lock = Lock()

    def follow(self, addresses: Sequence[PublicAddress]) -> None:
        """Call this with all public addresses whenever some may have changed."""
        wanted = sorted(addresses, key=lambda a: a.public_ip)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._changes += 1
        change, seconds = self._changes, self._delay()
        if seconds == 0:
            self._arrive(change, wanted)
        else:
            self._later(seconds, lambda: self._arrive(change, wanted))

    def _arrive(self, change: int, addresses: Sequence[PublicAddress]) -> None:
        """A change that arrives after a later one does nothing: the later one included it."""
        with self._lock:
            if change > self._arrived:
                self._arrived = change
                self._apply(addresses)
