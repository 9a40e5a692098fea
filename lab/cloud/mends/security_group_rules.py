"""Rules of security groups: with their descriptions, and without ports if the protocol has none."""

from moto.ec2.models.security_groups import SecurityGroupRule

PROTOCOLS_WITH_PORTS = {"tcp", "6", "udp", "17", "icmp", "1", "icmpv6", "58"}

_moto_init = SecurityGroupRule.__init__


def mend() -> None:
    SecurityGroupRule.__init__ = _init
    SecurityGroupRule.description = property(_description)


def _init(
    self,
    ec2_backend,
    ip_protocol,
    group_id,
    from_port,
    to_port,
    ip_range,
    source_group=None,
    prefix_list_id=None,
    **more,
):
    """For other protocols EC2 ignores ports; moto fails if none are given."""
    has_ports = str(ip_protocol).lower() in PROTOCOLS_WITH_PORTS
    ports = (from_port, to_port) if has_ports else (-1, -1)
    _moto_init(self, ec2_backend, ip_protocol, group_id, *ports, ip_range, source_group, prefix_list_id, **more)
    if not has_ports:
        self.from_port = self.to_port = None
    self.prefix_list = prefix_list_id or {}


def _description(self) -> str | None:
    """Moto has descriptions for address ranges only, not for groups and prefix lists."""
    named = (self.ip_range, self.source_group, self.prefix_list)
    return next((peer["Description"] for peer in named if "Description" in peer), None)
