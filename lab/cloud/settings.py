"""The contract between the lab driver and this container: the variables of /etc/lab/cloud.env."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TypeVar

METADATA_ADDRESS = "169.254.169.254"
API_PORT = 5000
S3_PORT = 7070
METADATA_PORT = 80
TLS_CERTIFICATE = "/etc/lab/tls/server.crt"
TLS_KEY = "/etc/lab/tls/server.key"
RUN_DIRECTORY = "/run/lab"
IAM_SOCKET = f"{RUN_DIRECTORY}/iam.sock"
ADDRESS_STATE = f"{RUN_DIRECTORY}/addresses.json"
# A folder, because dnsmasq watches folders and forgets what left a file in one.
HOSTS_DIRECTORY = f"{RUN_DIRECTORY}/hosts"
API_LOG = "/var/log/lab/api.jsonl"

T = TypeVar("T")


@dataclass(frozen=True)
class PublishedPort:
    """A port of this container's internet address that stands for an Elastic IP, found by its Role tag."""

    port: int
    role: str
    target_port: int


@dataclass(frozen=True)
class Settings:
    region: str
    vpc_cidr: IPv4Network
    # Address of this container in the VPC: the nodes' resolver and default route.
    vpc_address: IPv4Address
    internet_cidr: IPv4Network
    internet_address: IPv4Address
    # Addresses of the internet network that are handed out as public ones.
    elastic_ip_pool: IPv4Network
    # Access key of whoever owns the account: the lab driver. Nodes get the keys of their roles instead.
    operator_access_key_id: str
    operator_secret_access_key: str
    # Name that the resolver answers with the address whose Role tag is `service-address`.
    domain: str | None
    published_ports: tuple[PublishedPort, ...]


def read_settings(env: Mapping[str, str]) -> Settings:
    settings = Settings(
        region=_required(env, "REGION"),
        vpc_cidr=_parsed(env, "VPC_CIDR", IPv4Network, "a network such as 10.80.0.0/16"),
        vpc_address=_parsed(env, "VPC_ADDRESS", IPv4Address, "an address such as 10.80.0.2"),
        internet_cidr=_parsed(env, "INTERNET_CIDR", IPv4Network, "a network such as 10.81.0.0/24"),
        internet_address=_parsed(env, "INTERNET_ADDRESS", IPv4Address, "an address such as 10.81.0.2"),
        elastic_ip_pool=_parsed(env, "ELASTIC_IP_POOL", IPv4Network, "a network such as 10.81.0.128/25"),
        operator_access_key_id=_required(env, "OPERATOR_ACCESS_KEY_ID"),
        operator_secret_access_key=_required(env, "OPERATOR_SECRET_ACCESS_KEY"),
        domain=env.get("DOMAIN") or None,
        published_ports=parse_published_ports(env.get("PUBLISHED_PORTS", "")),
    )
    _check_inside("VPC_ADDRESS", settings.vpc_address, "VPC_CIDR", settings.vpc_cidr)
    _check_inside("INTERNET_ADDRESS", settings.internet_address, "INTERNET_CIDR", settings.internet_cidr)
    if not settings.elastic_ip_pool.subnet_of(settings.internet_cidr):
        # An address elsewhere could be a real one, and packets to it could leave the machine.
        pool, cidr = settings.elastic_ip_pool, settings.internet_cidr
        raise ValueError(f"ELASTIC_IP_POOL {pool} must lie in INTERNET_CIDR {cidr}")
    return settings


def parse_published_ports(text: str) -> tuple[PublishedPort, ...]:
    """`8443=service-address:443 2222=bastion:22` -> ports of the internet address, each with its target."""
    return tuple(_published_port(entry) for entry in text.split())


def _published_port(entry: str) -> PublishedPort:
    port, _, target = entry.partition("=")
    role, _, target_port = target.partition(":")
    if not (port.isdigit() and role and target_port.isdigit()):
        raise ValueError(f"PUBLISHED_PORTS has '{entry}', needs PORT=ROLE:PORT such as 8443=service-address:443")
    return PublishedPort(int(port), role, int(target_port))


def _required(env: Mapping[str, str], name: str) -> str:
    if not env.get(name):
        raise ValueError(f"{name} is missing: set it in /etc/lab/cloud.env")
    return env[name]


def _parsed(env: Mapping[str, str], name: str, parse: type[T], expected: str) -> T:
    text = _required(env, name)
    try:
        return parse(text)
    except ValueError as error:
        raise ValueError(f"{name} is '{text}', needs {expected}") from error


def _check_inside(name: str, address: IPv4Address, cidr_name: str, cidr: IPv4Network) -> None:
    if address not in cidr:
        raise ValueError(f"{name} {address} must lie in {cidr_name} {cidr}")
