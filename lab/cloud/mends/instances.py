"""Instances: the groups and the life of their first network interface."""

from moto.ec2.models import EC2Backend

_moto_run = EC2Backend.run_instances


def mend() -> None:
    EC2Backend.run_instances = _run_instances


def _run_instances(self, *args, nics=(), **kwargs):
    """
    Groups of the first interface are the instance's: the AWS provider names them there when it also asks for a public
    address. And that interface, with its private address, ends with the instance. Moto keeps both from each other.
    """
    for nic in nics:
        if int(nic.get("DeviceIndex", 0)) == 0 and nic.get("Groups"):
            kwargs["security_group_ids"] = nic.pop("Groups")
    reservation = _moto_run(self, *args, nics=nics, **kwargs)
    if not any("NetworkInterfaceId" in nic for nic in nics):
        for instance in reservation.instances:
            instance.nics[0].delete_on_termination = True
    return reservation
