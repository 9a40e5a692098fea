"""Quotas of EC2: moto knows those of VPCs only."""

from moto.servicequotas.models import ServiceQuotasBackend

# What many accounts have after their first month; new ones have 1 or 5.
STANDARD_VCPUS = {
    "ServiceCode": "ec2",
    "ServiceName": "Amazon Elastic Compute Cloud (Amazon EC2)",
    "QuotaCode": "L-1216C47A",
    "QuotaName": "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
    "Value": 32.0,
    "Unit": "None",
    "Adjustable": True,
    "GlobalQuota": False,
}

_moto_get = ServiceQuotasBackend.get_service_quota


def mend() -> None:
    ServiceQuotasBackend.get_service_quota = _get_service_quota


def _get_service_quota(self, service_code, quota_code):
    if (service_code, quota_code) == ("ec2", STANDARD_VCPUS["QuotaCode"]):
        return STANDARD_VCPUS
    return _moto_get(self, service_code, quota_code)
