"""What EC2 answered before the last change: its reads are eventually consistent."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .calls import Call
from .faults import STALE_SECONDS


class Answer(NamedTuple):
    status: str
    headers: Sequence[tuple[str, str]]
    body: bytes


class PastAnswers:
    """Answers about addresses, by what was asked."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._latest: dict[str, Answer] = {}
        self._past: dict[str, Answer] = {}
        self._changed_at = -float(STALE_SECONDS)

    def keep(self, call: Call, answer: Answer) -> None:
        if call.action == "DescribeAddresses":
            self._latest[_question(call)] = answer
        elif call.action == "AssociateAddress":
            self._past, self._latest = {**self._past, **self._latest}, {}
            self._changed_at = self._clock()

    def of(self, call: Call) -> Answer | None:
        """The answer from before a recent change. None if there was none, or nobody asked."""
        if call.action != "DescribeAddresses" or self._clock() - self._changed_at >= STALE_SECONDS:
            return None
        return self._past.get(_question(call))


def _question(call: Call) -> str:
    return repr(sorted(call.parameters.items()))
