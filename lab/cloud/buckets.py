"""AWS's request limits: each action of an account has a bucket of tokens, which refills at a steady rate."""

from collections.abc import Callable
from typing import NamedTuple

from .calls import Call


class Limit(NamedTuple):
    capacity: float
    per_second: float


# Request throttling for the Amazon EC2 API: "Request token bucket sizes and refill rates".
READS = Limit(100, 20)
UNFILTERED_READS = Limit(50, 10)
CHANGES = Limit(50, 5)
# Parameter Store's default throughput.
PARAMETERS = Limit(40, 40)


class Buckets:
    def __init__(self, clock: Callable[[], float]):
        self._clock = clock
        # Tokens that were left, and when.
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, call: Call) -> bool:
        """Takes a token for a call. @returns whether there was one."""
        found = limit_of(call)
        if found is None:
            return True
        bucket, (capacity, per_second) = found
        now = self._clock()
        tokens, at = self._left.get(bucket, (capacity, now))
        tokens = min(capacity, tokens + (now - at) * per_second)
        is_there = tokens >= 1
        self._left[bucket] = (tokens - is_there, now)
        return is_there


def limit_of(call: Call) -> tuple[str, Limit] | None:
    """The bucket that a call takes from, and its limit. None for services whose limits AWS does not publish."""
    if call.service == "ssm":
        return "ssm", PARAMETERS
    if call.service != "ec2":
        return None
    if call.changes_ec2:
        return call.action, CHANGES
    is_narrow = any(name.startswith(("Filter.", "MaxResults")) for name in call.parameters)
    return (call.action, READS) if is_narrow else (f"{call.action} of everything", UNFILTERED_READS)
