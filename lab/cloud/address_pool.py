"""Public addresses of the lab: all from a network inside it, never one that could exist on the real internet."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network


class AddressPool:
    def __init__(self, network: IPv4Network):
        self._network = network

    def __contains__(self, address: str) -> bool:
        return IPv4Address(address) in self._network

    def first_free(self, taken: Collection[str]) -> str:
        """For Elastic IPs: they count from the pool's start, so that the same plan gets the same addresses."""
        return self._next(list(self._network.hosts()), taken)

    def last_free(self, taken: Collection[str]) -> str:
        """For automatic addresses of instances: they count from the pool's end, away from the Elastic IPs."""
        return self._next(list(self._network.hosts())[::-1], taken)

    def _next(self, candidates: list, taken: Collection[str]) -> str:
        for candidate in map(str, candidates):
            if candidate not in taken:
                return candidate
        raise RuntimeError(f"all public addresses of {self._network} are in use: release one, or widen ELASTIC_IP_POOL")
