"""The public addresses of the account, read straight from moto."""

from moto.ec2.models import EC2Backend

from .gateway import PublicAddress


def public_ips_in_use(backend: EC2Backend) -> set[str]:
    interfaces = {eni.public_ip for eni in backend.enis.values() if eni.public_ip}
    return interfaces | {a.public_ip for a in backend.addresses}


def public_addresses(backend: EC2Backend) -> list[PublicAddress]:
    """What the internet gateway must translate: Elastic IPs, and automatic addresses of instances."""
    elastic = [
        PublicAddress(
            public_ip=a.public_ip,
            private_ip=a.private_ip_address,
            role=next((tag["value"] for tag in a.get_tags() if tag["key"] == "Role"), None),
            allocation_id=a.allocation_id,
            instance_id=a.instance_id or None,
        )
        for a in backend.addresses
    ]
    known = {a.public_ip for a in elastic}
    automatic = [
        PublicAddress(public_ip=eni.public_ip, private_ip=eni.private_ip_address, instance_id=eni.instance.id)
        for eni in backend.enis.values()
        if eni.public_ip and eni.public_ip not in known and eni.instance
    ]
    return elastic + automatic
