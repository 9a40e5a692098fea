"""
Public addresses that instances have of their own. An Elastic IP replaces it. When the Elastic IP leaves, AWS assigns
another one after some minutes, as long as the instance runs.
"""

from collections.abc import Callable

from moto.ec2.models.elastic_network_interfaces import NetworkInterface

from .cloud import Cloud


class OwnAddresses:
    def __init__(
        self,
        cloud: Cloud,
        delay: Callable[[], float | None],
        later: Callable[[float, Callable[[], None]], None],
    ):
        self._cloud = cloud
        self._delay = delay
        self._later = later
        self._awaited: set[str] = set()

    def look(self) -> None:
        """Call this whenever addresses may have changed."""
        for interface in self._without():
            if interface.id not in self._awaited and (seconds := self._delay()) is not None:
                self._awaited.add(interface.id)
                self._later(seconds, lambda interface=interface: self._assign(interface))

    def _assign(self, interface: NetworkInterface) -> None:
        self._awaited.discard(interface.id)
        if interface in self._without():
            interface.check_auto_public_ip()

    def _without(self) -> list[NetworkInterface]:
        """Interfaces of running instances that should have a public address, and have none."""
        primaries = [instance.nics[0] for instance in self._cloud.instances()]
        return [nic for nic in primaries if str(nic.public_ip_auto_assign).lower() == "true" and not nic.public_ip]
