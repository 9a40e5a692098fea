"""The interface between the lab driver and this container: the variables of /etc/lab/cloud.env."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TypeVar

METADATA_ADDRESS = "169.254.169.254"
API_PORT = 5000
S3_PORT = 7070
# The operator's HTTP proxy, and what it leads to.
PROXY_PORT = 3128
OPERATOR_FRONT_PORT = 3443
METADATA_PORT = 80
TLS_CERTIFICATE = "/etc/lab/tls/server.crt"
TLS_KEY = "/etc/lab/tls/server.key"
RUN_DIRECTORY = "/run/lab"
IAM_SOCKET = f"{RUN_DIRECTORY}/iam.sock"
ADDRESS_STATE = f"{RUN_DIRECTORY}/addresses.json"
# A folder, because dnsmasq watches folders, and also notices what is removed from a file in one.
HOSTS_DIRECTORY = f"{RUN_DIRECTORY}/hosts"
# The faults that the lab driver has injected.
FAULTS_DIRECTORY = f"{RUN_DIRECTORY}/faults"
API_LOG = "/var/log/lab/api.jsonl"

PUBLISHED_PORT = re.compile(r"(\d+)=([\w-]+):(\d+)(?:@(\d+\.\d+\.\d+\.\d+))?")
AMI = re.compile(r"ami-([0-9a-f]{8}|[0-9a-f]{17})")

T = TypeVar("T")


@dataclass(frozen=True)
class PublishedPort:
    """A port of this container's internet address that leads to an Elastic IP, found by its Role tag."""

    port: int
    role: str
    target_port: int
    # The source address for connections through this port: one that the security groups let in.
    client: IPv4Address | None = None


@dataclass(frozen=True)
class Settings:
    region: str
    vpc_cidr: IPv4Network
    # Address of this container in the VPC: the nodes' resolver and default route.
    vpc_address: IPv4Address
    # Where the nodes find S3.
    s3_address: IPv4Address
    internet_cidr: IPv4Network
    internet_address: IPv4Address
    # Addresses of the internet network that serve as public ones.
    elastic_ip_pool: IPv4Network
    # Access key of the account's owner, the lab driver. Nodes get the keys of their roles instead.
    operator_access_key_id: str
    operator_secret_access_key: str
    # The resolver answers this name with the address whose Role tag is `service-address`.
    domain: str | None
    published_ports: tuple[PublishedPort, ...]
    # An access key that gets the answers of an expired session.
    expired_access_key_id: str | None
    # The only machine images that exist. If empty, all exist.
    amis: tuple[str, ...]
    # Seed of AWS's random delays. Without one, the lab has no delays.
    as_on_aws_seed: int | None


def read_settings(env: Mapping[str, str]) -> Settings:
    settings = Settings(
        region=_required(env, "REGION"),
        vpc_cidr=_parsed(env, "VPC_CIDR", IPv4Network, "a network such as 10.80.0.0/16"),
        vpc_address=_parsed(env, "VPC_ADDRESS", IPv4Address, "an address such as 10.80.0.2"),
        s3_address=_parsed(env, "S3_ADDRESS", IPv4Address, "an address such as 10.80.0.3"),
        internet_cidr=_parsed(env, "INTERNET_CIDR", IPv4Network, "a network such as 10.81.0.0/24"),
        internet_address=_parsed(env, "INTERNET_ADDRESS", IPv4Address, "an address such as 10.81.0.2"),
        elastic_ip_pool=_parsed(env, "ELASTIC_IP_POOL", IPv4Network, "a network such as 10.81.0.128/25"),
        operator_access_key_id=_required(env, "OPERATOR_ACCESS_KEY_ID"),
        operator_secret_access_key=_required(env, "OPERATOR_SECRET_ACCESS_KEY"),
        domain=env.get("DOMAIN") or None,
        published_ports=parse_published_ports(env.get("PUBLISHED_PORTS", "")),
        expired_access_key_id=env.get("EXPIRED_ACCESS_KEY_ID") or None,
        amis=parse_amis(env.get("AMIS", "")),
        as_on_aws_seed=_parsed(env, "AS_ON_AWS_SEED", int, "a whole number") if env.get("AS_ON_AWS_SEED") else None,
    )
    _check_inside("VPC_ADDRESS", settings.vpc_address, "VPC_CIDR", settings.vpc_cidr)
    _check_inside("S3_ADDRESS", settings.s3_address, "VPC_CIDR", settings.vpc_cidr)
    _check_inside("INTERNET_ADDRESS", settings.internet_address, "INTERNET_CIDR", settings.internet_cidr)
    if not settings.elastic_ip_pool.subnet_of(settings.internet_cidr):
        # An address outside could be a real one, and packets to it could leave the machine.
        pool, cidr = settings.elastic_ip_pool, settings.internet_cidr
        raise ValueError(f"ELASTIC_IP_POOL {pool} must lie in INTERNET_CIDR {cidr}")
    return settings


def parse_published_ports(text: str) -> tuple[PublishedPort, ...]:
    """`8443=service-address:443@203.0.113.1 2222=bastion:22` -> ports of the internet address, each with its target."""
    return tuple(_published_port(entry) for entry in text.split())


def parse_amis(text: str) -> tuple[str, ...]:
    amis = tuple(entry.strip() for entry in text.split(",")) if text.strip() else ()
    for ami in amis:
        if not AMI.fullmatch(ami):
            raise ValueError(f"AMIS has '{ami}', needs ids such as ami-0123456789abcdef0, with commas between them")
    return amis


def _published_port(entry: str) -> PublishedPort:
    wanted = "PORT=ROLE:PORT or PORT=ROLE:PORT@CLIENT such as 8443=service-address:443@203.0.113.1"
    found = PUBLISHED_PORT.fullmatch(entry)
    if not found:
        raise ValueError(f"PUBLISHED_PORTS has '{entry}', needs {wanted}")
    port, role, target_port, client = found.groups()
    return PublishedPort(int(port), role, int(target_port), IPv4Address(client) if client else None)


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
