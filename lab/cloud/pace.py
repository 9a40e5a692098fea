"""
How long AWS takes and how often one may ask it. Without `--as-on-aws` the lab is immediate and has no limits. What is
random comes from one seed, so that a run can be repeated.
"""

import time
from collections.abc import Callable
from random import Random

from .buckets import Buckets
from .calls import Call

IAM_SECONDS = 10.0


class Pace:
    """Immediate."""

    # Until a change of permissions acts.
    iam_seconds = 0.0

    def call_seconds(self, call: Call) -> float:
        """How long a call takes."""
        return 0.0

    def route_seconds(self) -> float:
        """From the answer to AssociateAddress until packets take the new route."""
        return 0.0

    def own_address_seconds(self) -> float | None:
        """Until an instance that lost an Elastic IP has a public address of its own again; None: it never has."""
        return None

    def throttles(self, call: Call) -> bool:
        return False


class AsOnAws(Pace):
    """As AWS's documents say, or, where they say nothing, as its users report."""

    iam_seconds = IAM_SECONDS

    def __init__(self, seed: int, clock: Callable[[], float] = time.monotonic):
        self._random = Random(seed)
        self._buckets = Buckets(clock)

    def call_seconds(self, call: Call) -> float:
        return self._random.uniform(1, 3) if call.action == "AssociateAddress" else 0.0

    def route_seconds(self) -> float:
        return self._random.uniform(1, 5)

    def own_address_seconds(self) -> float:
        return self._random.uniform(60, 180)

    def throttles(self, call: Call) -> bool:
        return not self._buckets.take(call)


def pace_of(seed: int | None) -> Pace:
    return Pace() if seed is None else AsOnAws(seed)
