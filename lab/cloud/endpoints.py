"""
Interface endpoints: AWS's services at addresses of the VPC, one in each of their subnets. All of them are this
container, and an endpoint's name answers with all of its addresses, as on AWS.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from moto.ec2.models import EC2Backend

from .gateway import Interfaces
from .internet import run_command
from .settings import Settings


class Endpoint(NamedTuple):
    # Of the service, such as `ec2`.
    service: str
    addresses: tuple[str, ...]


def endpoints_of(backend: EC2Backend) -> list[Endpoint]:
    """Those that the service's own name leads to. Deleted ones stay in moto's list, without their interfaces."""
    return [
        Endpoint(
            endpoint.service_name.rsplit(".", 1)[-1],
            tuple(backend.get_network_interface(id).private_ip_address for id in endpoint.network_interface_ids),
        )
        for endpoint in backend.describe_vpc_endpoints(vpc_end_point_ids=None)
        if endpoint.state != "deleted" and endpoint.network_interface_ids and endpoint.private_dns_enabled
    ]


class EndpointAddresses:
    def __init__(self, settings: Settings, interfaces: Interfaces, run: Callable[..., str] = run_command):
        self._settings = settings
        self._interfaces = interfaces
        self._run = run
        self._current: set[str] = set()

    def apply(self, endpoints: Sequence[Endpoint]) -> None:
        """Lets this container answer at these addresses, and at no other ones."""
        wanted = {address for endpoint in endpoints for address in endpoint.addresses}
        if wanted == self._current:
            return
        for address in sorted(wanted - self._current):
            self._run("ip", "address", "replace", f"{address}/32", "dev", self._interfaces.vpc)
        for address in sorted(self._current - wanted):
            self._run("ip", "address", "delete", f"{address}/32", "dev", self._interfaces.vpc)
        self._run("nft", "-f", "-", stdin=ruleset(self._settings, self._interfaces, sorted(wanted)))
        self._current = wanted


def ruleset(settings: Settings, interfaces: Interfaces, addresses: Sequence[str]) -> str:
    """Redirects HTTPS of the addresses to the front. One transaction, like that of the gateway."""
    rules = f"""
  chain prerouting {{
    type nat hook prerouting priority dstnat - 1; policy accept;
    iifname "{interfaces.vpc}" ip daddr {{ {", ".join(addresses)} }} tcp dport 443 dnat ip to {settings.vpc_address}
  }}"""
    return f"""table inet lab_endpoints
delete table inet lab_endpoints
table inet lab_endpoints {{{rules if addresses else ""}
}}
"""
