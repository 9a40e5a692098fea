"""The simulated account's instances, roles and endpoints, read straight from moto."""

import json
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance
from moto.iam.models import IAMBackend, Role, iam_backends
from moto.sts.models import AssumedRole, STSBackend, sts_backends

ACCOUNT_ID = DEFAULT_ACCOUNT_ID
PARTITION = "aws"


class Cloud:
    def __init__(self, region: str):
        self.region = region

    # Looked up each time, because a reset of moto replaces its backends.
    @property
    def ec2(self) -> EC2Backend:
        return ec2_backends[ACCOUNT_ID][self.region]

    @property
    def iam(self) -> IAMBackend:
        return iam_backends[ACCOUNT_ID][PARTITION]

    @property
    def sts(self) -> STSBackend:
        return sts_backends[ACCOUNT_ID][PARTITION]

    def assumed_role(self, access_key_id: str) -> AssumedRole | None:
        """Searches all accounts: whoever assumes a role of another account acts there."""
        backends = [account[PARTITION] for account in list(sts_backends.values())]
        found = (backend.get_assumed_role_from_access_key(access_key_id) for backend in backends)
        return next((assumed for assumed in found if assumed), None)

    def instances(self) -> list[Instance]:
        return [instance for instance in self.ec2.all_instances() if instance.state == "running"]

    def instance_at(self, private_ip: str) -> Instance | None:
        for instance in self.instances():
            if any(private_ip in _addresses_of(interface) for interface in instance.nics.values()):
                return instance
        return None

    def role_of(self, instance: Instance) -> Role | None:
        association = self.ec2.iam_instance_profile_associations.get(instance.id)
        roles = association.iam_instance_profile.roles if association else []
        return roles[0] if roles else None

    def role_policies(self, role_name: str) -> list[dict[str, Any]]:
        """Inline and managed policy documents of a role."""
        role = self.iam.get_role(role_name)
        managed = [
            version.document
            for policy in role.managed_policies.values()
            for version in policy.versions
            if version.is_default
        ]
        return [json.loads(document) for document in [*role.policies.values(), *managed]]

    def endpoint_policies(self, service: str) -> list[dict[str, Any]]:
        """Policies of the VPC's endpoints for a service, through which all its nodes' calls go."""
        endpoints = self.ec2.describe_vpc_endpoints(vpc_end_point_ids=None)
        name = f"com.amazonaws.{self.region}.{service}"
        documents = [endpoint.policy_document for endpoint in endpoints if endpoint.service_name == name]
        return [json.loads(document) for document in documents if document]

    def name_of(self, instance: Instance) -> str:
        tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
        return tags.get("Node") or tags.get("Name") or instance.id


def _addresses_of(interface: NetworkInterface) -> list[str]:
    return [address["PrivateIpAddress"] for address in interface.private_ip_addresses]
