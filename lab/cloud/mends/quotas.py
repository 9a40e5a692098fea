"""Quotas of virtual CPUs and networks. Moto refuses nothing, and knows the latter only."""

import json
import re

from moto.core.exceptions import JsonRESTError
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.servicequotas.models import ServiceQuotasBackend, servicequotas_backends
from moto.servicequotas.responses import ServiceQuotasResponse

# What many accounts have after their first month; new ones have 1 or 5.
VCPUS = {
    "ServiceCode": "ec2",
    "ServiceName": "Amazon Elastic Compute Cloud (Amazon EC2)",
    "QuotaCode": "L-1216C47A",
    "QuotaName": "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
    "Value": 32.0,
    "Unit": "None",
    "Adjustable": True,
    "GlobalQuota": False,
}
VPCS = "L-F678F1CE"
STANDARD = re.compile(r"[acdhimrtz]\d|im\d|is\d")

_moto_get = ServiceQuotasBackend.get_service_quota


def mend() -> None:
    run_instances, create_vpc = EC2Backend.run_instances, EC2Backend.create_vpc

    def run_within_quota(self, image_id, count, *args, **kwargs):
        more = count * _vcpus(kwargs.get("instance_type"))
        limit = _limit(self, "ec2", VCPUS["QuotaCode"])
        if more and _running_vcpus(self) + more > limit:
            raise VcpuLimitExceeded(limit)
        return run_instances(self, image_id, count, *args, **kwargs)

    def create_vpc_within_quota(self, *args, **kwargs):
        # moto itself makes the default network, before any other
        if len(self.vpcs) >= _limit(self, "vpc", VPCS):
            raise VpcLimitExceeded
        return create_vpc(self, *args, **kwargs)

    EC2Backend.run_instances = run_within_quota
    EC2Backend.create_vpc = create_vpc_within_quota
    ServiceQuotasBackend.get_service_quota = _get_service_quota
    ServiceQuotasResponse.request_service_quota_increase = _request_increase


class VcpuLimitExceeded(EC2ClientError):
    def __init__(self, limit: int):
        super().__init__(
            "VcpuLimitExceeded",
            f"You have requested more vCPU capacity than your current vCPU limit of {limit} allows for the instance "
            "bucket that the specified instance type belongs to. Please visit "
            "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.",
        )


class VpcLimitExceeded(EC2ClientError):
    def __init__(self):
        super().__init__("VpcLimitExceeded", "The maximum number of VPCs has been reached.")


def _get_service_quota(self, service_code, quota_code):
    is_vcpus = (service_code, quota_code) == ("ec2", VCPUS["QuotaCode"])
    quota = VCPUS if is_vcpus else _moto_get(self, service_code, quota_code)
    return {**quota, **_raised(self).get((service_code, quota_code), {})}


def _request_increase(self):
    """AWS asks a person, or takes minutes; here it is granted at once."""
    request = json.loads(self.body)
    key, desired = (request["ServiceCode"], request["QuotaCode"]), request["DesiredValue"]
    quota = self.backend.get_service_quota(*key)
    if desired <= quota["Value"]:
        message = "You must provide a quota value greater than the current quota value"
        raise JsonRESTError("IllegalArgumentException", message)
    _raised(self.backend)[key] = {"Value": float(desired)}
    return json.dumps({"RequestedQuota": {**request, "Id": quota["QuotaCode"], "Status": "APPROVED"}})


def _raised(backend: ServiceQuotasBackend) -> dict:
    if not hasattr(backend, "raised_quotas"):
        backend.raised_quotas = {}
    return backend.raised_quotas


def _limit(ec2: EC2Backend, service_code: str, quota_code: str) -> int:
    quotas = servicequotas_backends[ec2.account_id][ec2.region_name]
    return int(quotas.get_service_quota(service_code, quota_code)["Value"])


def _running_vcpus(ec2: EC2Backend) -> int:
    instances = (instance for reservation in ec2.reservations.values() for instance in reservation.instances)
    return sum(_vcpus(instance.instance_type) for instance in instances if instance.state in ("pending", "running"))


def _vcpus(instance_type: str | None) -> int:
    """Other families have quotas of their own."""
    if not STANDARD.match(instance_type or ""):
        return 0
    return INSTANCE_TYPES.get(instance_type, {}).get("VCpuInfo", {}).get("DefaultVCpus", 0)
