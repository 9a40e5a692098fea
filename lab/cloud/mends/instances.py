"""Instances: the groups and the lifetime of their first network interface."""

from moto.ec2.models import EC2Backend

_moto_run = EC2Backend.run_instances


def mend() -> None:
    EC2Backend.run_instances = _run_instances


def _run_instances(self, *args, nics=(), **kwargs):
    """
    The groups of the first interface are those of the instance: the AWS provider names them there when it also requests
    a public address. That interface is deleted with the instance, which frees its private address. Moto does neither.
    """
    for nic in nics:
        if int(nic.get("DeviceIndex", 0)) == 0 and nic.get("Groups"):
            kwargs["security_group_ids"] = nic.pop("Groups")
    reservation = _moto_run(self, *args, nics=nics, **kwargs)
    if not any("NetworkInterfaceId" in nic for nic in nics):
        for instance in reservation.instances:
            instance.nics[0].delete_on_termination = True
    return reservation
