"""Interface endpoints: their network interfaces get the requested addresses and the endpoint's groups."""

from moto.ec2.responses.vpcs import VPCs

_moto_create = VPCs.create_vpc_endpoint


def mend() -> None:
    VPCs.create_vpc_endpoint = _create_vpc_endpoint


def _create_vpc_endpoint(self):
    """Moto ignores SubnetConfigurations, takes random addresses and leaves the interfaces in the default group."""
    answer = _moto_create(self)
    endpoint = answer.result["VpcEndpoint"]
    wanted = {entry["SubnetId"]: entry.get("Ipv4") for entry in self._get_param("SubnetConfigurations", [])}
    for interface_id in endpoint.network_interface_ids or []:
        interface = self.ec2_backend.get_network_interface(interface_id)
        _place(interface, wanted.get(interface.subnet.id) or interface.subnet.get_available_subnet_ip(interface))
        groups = [self.ec2_backend.get_security_group_from_id(id) for id in endpoint.security_group_ids or []]
        interface._group_set = groups or interface._group_set
    return answer


def _place(interface, address: str) -> None:
    interface.private_ip_address = address
    interface.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": address}]
