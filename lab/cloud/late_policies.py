"""IAM is eventually consistent: a change of permissions acts some seconds after it was made."""

import time
from collections.abc import Callable
from typing import Any

from .cloud import Cloud


class CloudOfSlowIam(Cloud):
    def __init__(self, region: str, delay: float, clock: Callable[[], float] = time.monotonic):
        super().__init__(region)
        self._delay = delay
        self._clock = clock
        # The policies of all roles after each change, with the time from which they act.
        self._versions: list[tuple[float, dict[str, list[dict[str, Any]]]]] = [(clock(), {})]

    def remember_policies(self) -> None:
        """Call this after each change of IAM."""
        names = [role.name for role in self.iam.roles.values()]
        policies = {name: super(CloudOfSlowIam, self).role_policies(name) for name in names}
        self._versions.append((self._clock() + self._delay, policies))

    def role_policies(self, role_name: str) -> list[dict[str, Any]]:
        now = self._clock()
        acting = next(policies for since, policies in reversed(self._versions) if since <= now)
        return acting.get(role_name, [])
