"""Elastic IPs: from the lab's own pool, on one interface at a time, released when their holder is terminated."""

from moto.ec2.exceptions import InvalidAddressError, ResourceAlreadyAssociatedError
from moto.ec2.models import EC2Backend
from moto.ec2.models import elastic_ip_addresses as elastic_ips
from moto.ec2.models.elastic_ip_addresses import ElasticAddress, ElasticAddressBackend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.responses.elastic_ip_addresses import ElasticIPAddresses

from ..address_pool import AddressPool
from ..addresses import public_ips_in_use

_moto_allocate = ElasticAddressBackend.allocate_address
_moto_associate_response = ElasticIPAddresses.associate_address
_moto_terminate = EC2Backend.terminate_instances


def mend(pool: AddressPool) -> None:
    def allocate_address(self, domain, address=None, tags=None):
        """Moto invents addresses in 127.0.0.0/8."""
        wanted = address or pool.first_free(public_ips_in_use(self))
        if wanted not in pool:
            raise InvalidAddressError([wanted])
        return _moto_allocate(self, "vpc" if domain is None else domain, address=wanted, tags=tags)

    def check_auto_public_ip(self):
        """Moto invents addresses that exist on the real internet, even for an interface that has an Elastic IP."""
        if str(self.public_ip_auto_assign).lower() == "true" and not _elastic_ip_of(self):
            # It gets another one each time.
            before = getattr(self, "own_public_ip", None)
            self.own_public_ip = pool.last_free({*public_ips_in_use(self.ec2_backend), before})
            self.public_ip = self.own_public_ip

    EC2Backend.allocate_address = allocate_address
    EC2Backend.associate_address = _associate_address
    EC2Backend.disassociate_address = _disassociate_address
    EC2Backend.terminate_instances = _terminate_instances
    ElasticIPAddresses.associate_address = _associate_response
    NetworkInterface.check_auto_public_ip = check_auto_public_ip
    NetworkInterface.stop = _stop


def _stop(self):
    """An interface of a stopped instance keeps its Elastic IP; moto takes that too."""
    if not _elastic_ip_of(self):
        self.public_ip = None


def _elastic_ip_of(interface: NetworkInterface) -> ElasticAddress | None:
    return next((address for address in interface.ec2_backend.addresses if address.eni is interface), None)


def _associate_response(self):
    """An address moves unless the caller forbids it; moto requires an explicit permission."""
    self._get_params().setdefault("AllowReassociation", True)
    return _moto_associate_response(self)


def _associate_address(self, instance=None, eni=None, address=None, allocation_id=None, reassociate=False):
    elastic_ip = (self.address_by_ip([address]) if address else self.address_by_allocation([allocation_id]))[0]
    interface = eni or instance.nics[0]
    if elastic_ip.eni and elastic_ip.eni is not interface and not reassociate:
        raise ResourceAlreadyAssociatedError(elastic_ip.public_ip)
    if elastic_ip.eni is interface:
        return elastic_ip
    _let_go(elastic_ip)
    for other in self.addresses:
        # An interface has one public address: a second one replaces the first.
        if other.eni is interface:
            _let_go(other)
    elastic_ip.eni = interface
    elastic_ip.instance = interface.instance
    elastic_ip.association_id = elastic_ips.random_eip_association_id()
    interface.public_ip = elastic_ip.public_ip
    return elastic_ip


def _disassociate_address(self, address=None, association_id=None):
    _let_go((self.address_by_ip([address]) if address else self.address_by_association([association_id]))[0])


def _terminate_instances(self, instance_ids):
    """A terminated instance releases its address; moto leaves it associated."""
    terminated = _moto_terminate(self, instance_ids)
    for address in self.addresses:
        if address.instance_id in instance_ids:
            _let_go(address)
    return terminated


def _let_go(elastic_ip: ElasticAddress) -> None:
    """Leaves the old interface without any public address, which moto omits. See `own_addresses.py` for a new one."""
    if elastic_ip.eni:
        elastic_ip.eni.public_ip = None
    elastic_ip.eni = None
    elastic_ip.instance = None
    elastic_ip.association_id = None
