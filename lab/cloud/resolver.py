"""The VPC's resolver: AWS host names lead here, nodes, endpoints and the service have names, no others exist."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from .endpoints import Endpoint
from .front import s3_domain
from .gateway import PublicAddress
from .settings import HOSTS_DIRECTORY, Settings

SERVICE_ROLE = "service-address"


def dnsmasq_conf(settings: Settings) -> str:
    return f"""# Written at start from /etc/lab/cloud.env.
user=root
pid-file=
listen-address={settings.vpc_address}
bind-interfaces
no-resolv
no-hosts
no-poll
cache-size=0
# Every AWS host name is this container; there is no IPv6 here. Those of endpoints are in the folder below, which wins.
address=/amazonaws.com/{settings.vpc_address}
address=/{s3_domain(settings)}/{settings.s3_address}
address=/s3.amazonaws.com/{settings.s3_address}
local=/amazonaws.com/
# Names of nodes, endpoints and the service, kept up to date by the API.
hostsdir={HOSTS_DIRECTORY}
# Nothing else exists, and nobody is asked about it.
address=/#/
"""


def hosts(
    settings: Settings,
    nodes: Mapping[str, str],
    addresses: Sequence[PublicAddress],
    endpoints: Sequence[Endpoint] = (),
) -> str:
    """`nodes` by private DNS name."""
    lines = [f"{address} {name}" for name, address in sorted(nodes.items())]
    lines += [
        f"{address} {endpoint.service}.{settings.region}.amazonaws.com"
        for endpoint in endpoints
        for address in endpoint.addresses
    ]
    if settings.domain:
        lines += [f"{a.public_ip} {settings.domain}" for a in addresses if a.role == SERVICE_ROLE]
    return "".join(f"{line}\n" for line in lines)


def write_hosts(text: str) -> None:
    path = Path(HOSTS_DIRECTORY, "lab")
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
