"""The internet gateway as text: turns Elastic IPs into an nftables ruleset. No effects here."""

from collections.abc import Sequence
from dataclasses import dataclass

from .settings import API_PORT, METADATA_ADDRESS, METADATA_PORT, PROXY_PORT, S3_PORT, Settings


@dataclass(frozen=True)
class PublicAddress:
    """A public address, and the private one that it is associated with, if any."""

    public_ip: str
    private_ip: str | None = None
    role: str | None = None
    allocation_id: str | None = None
    instance_id: str | None = None


@dataclass(frozen=True)
class Interfaces:
    """Names of this container's network interfaces."""

    vpc: str
    internet: str


def ruleset(settings: Settings, interfaces: Interfaces, addresses: Sequence[PublicAddress]) -> str:
    """One transaction for `nft -f`, which replaces our whole table and touches no other."""
    held = sorted((a for a in addresses if a.private_ip), key=lambda a: a.public_ip)
    vpc, internet = f'iifname "{interfaces.vpc}"', f'iifname "{interfaces.internet}"'
    to_vpc, to_internet = f'oifname "{interfaces.vpc}"', f'oifname "{interfaces.internet}"'
    return f"""table inet lab
delete table inet lab
table inet lab {{
  # Elastic IP to the private address that holds it.
  map holder {{
    type ipv4_addr : ipv4_addr
{_elements(f"{a.public_ip} : {a.private_ip}" for a in held)}  }}

  # And back, for what a holder sends.
  map elastic {{
    type ipv4_addr : ipv4_addr
{_elements(f"{a.private_ip} : {a.public_ip}" for a in held)}  }}

  set holders {{
    type ipv4_addr
{_elements(str(a.private_ip) for a in held)}  }}

  chain prerouting {{
    type nat hook prerouting priority dstnat; policy accept;
{_published(settings, internet, held)}    dnat ip to ip daddr map @holder
  }}

  # A client's address stays, but this machine's host is no client that the security groups know: who comes from it by a
  # published port gets the address of one. What starts in the VPC gets the sender's own Elastic IP.
  chain postrouting {{
    type nat hook postrouting priority srcnat; policy accept;
{_clients(settings)}    snat ip to ip saddr map @elastic
  }}

  chain forward {{
    type filter hook forward priority filter; policy drop;
    ct state established,related ct direction reply accept
    {internet} {to_vpc} ct status dnat accept
    {vpc} {to_vpc} ct status dnat ip saddr @holders accept
    {vpc} {to_internet} ip saddr @holders ip daddr {settings.internet_cidr} accept
    # There is no internet beyond the lab's: say so at once, instead of letting nodes wait for timeouts.
    {vpc} reject with icmpx type admin-prohibited
  }}

  # Nodes reach what AWS offers them, and not the doors of the lab driver and the operator.
  chain input {{
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ct state established,related accept
    {vpc} ip daddr {settings.vpc_address} udp dport 53 accept
    {vpc} ip daddr {settings.vpc_address} tcp dport {{ 53, 443 }} accept
    {vpc} ip daddr {settings.s3_address} tcp dport 443 accept
    {vpc} ip daddr {settings.vpc_address} icmp type echo-request accept
    {vpc} ip daddr {METADATA_ADDRESS} tcp dport {METADATA_PORT} accept
    {internet} ip daddr {settings.internet_address} tcp dport {{ {API_PORT}, {S3_PORT}, {PROXY_PORT} }} accept
  }}

  # This container has a default route to the real world; nothing of the lab may take it.
  chain output {{
    type filter hook output priority filter; policy drop;
    oifname "lo" accept
    ip daddr {{ {settings.vpc_cidr}, {settings.internet_cidr} }} accept
  }}
}}
"""


def moved(before: Sequence[PublicAddress], after: Sequence[PublicAddress]) -> list[PublicAddress]:
    """The former state of addresses whose holder has changed: connections to the old holder must break."""
    now = {a.public_ip: a.private_ip for a in after}
    return [a for a in before if a.private_ip and now.get(a.public_ip) != a.private_ip]


def _published(settings: Settings, internet: str, held: Sequence[PublicAddress]) -> str:
    lines = [
        f"    {internet} ip daddr {settings.internet_address} tcp dport {published.port}"
        f" ct mark set {published.port} dnat ip to {holder.private_ip}:{published.target_port}\n"
        for published in settings.published_ports
        for holder in [a for a in held if a.role == published.role][:1]
    ]
    return "".join(lines)


def _clients(settings: Settings) -> str:
    with_client = [published for published in settings.published_ports if published.client]
    return "".join(f"    ct mark {published.port} snat ip to {published.client}\n" for published in with_client)


def _elements(elements) -> str:
    text = ", ".join(elements)
    return f"    elements = {{ {text} }}\n" if text else ""
