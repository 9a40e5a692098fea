"""
Decides whether an API call is allowed. The account's owner may do everything, and so may whoever assumed a role from
outside of the VPC; a node may do what its role's policies and the VPC's endpoints allow. Resources are known for the
calls that nodes make to SSM and EC2; any other call needs a statement for resource `*`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from .calls import Call
from .cloud import ACCOUNT_ID, Cloud
from .policy import evaluate
from .refusals import Refusal, access_denied, expired_key, unknown_key, wrong_clock
from .sessions import Session, Sessions, has_ended
from .settings import Settings

# Parameters of EC2 calls that name a resource, and its type in an ARN.
EC2_RESOURCES = {"AllocationId": "elastic-ip", "InstanceId": "instance", "NetworkInterfaceId": "network-interface"}

# AWS refuses signatures that are older, or further in the future.
MOST_CLOCK_SKEW = timedelta(minutes=5)


class Authorization:
    def __init__(self, settings: Settings, cloud: Cloud, sessions: Sessions):
        self._settings = settings
        self._cloud = cloud
        self._sessions = sessions

    def refuse(self, call: Call) -> Refusal | None:
        if call.signed_at and abs(datetime.now(UTC) - call.signed_at) > MOST_CLOCK_SKEW:
            return wrong_clock(call.service)
        session = self._sessions.with_access_key(call.access_key_id or "")
        if session is None:
            if ip_address(call.source) in self._settings.vpc_cidr:
                return access_denied(call.service, "no role's credentials signed this call")
            return self._refuse_outsider(call)
        if call.session_token != session.assumed.session_token:
            return access_denied(call.service, "the session token is missing or belongs to another key")
        if (call.service, call.action) == ("sts", "GetCallerIdentity"):
            return None
        return self._refuse_role(call, session)

    def _refuse_outsider(self, call: Call) -> Refusal | None:
        key = call.access_key_id
        if key == self._settings.operator_access_key_id:
            return None
        if key and key == self._settings.expired_access_key_id:
            return expired_key(call.service)
        assumed = self._cloud.assumed_role(key or "")
        if assumed is None or assumed.session_token != call.session_token:
            return unknown_key(call.service)
        return expired_key(call.service) if has_ended(assumed) else None

    def _refuse_role(self, call: Call, session: Session) -> Refusal | None:
        action = f"{call.service}:{call.action}"
        for resource, context in self._resources(call):
            if not all(
                evaluate(documents, action, resource, {**context, **principal(session)}) == "allow"
                for documents in locks(self._cloud, session, call.service)
            ):
                return access_denied(
                    call.service,
                    f"User: {session.assumed.arn} is not authorized to perform: {action} on resource: {resource}",
                )
        return None

    def _resources(self, call: Call) -> list[tuple[str, dict[str, Sequence[str]]]]:
        """The resources of a call. All of them must be allowed."""
        common = {"aws:securetransport": ["true"], "aws:requestedregion": [self._cloud.region]}
        region = f"{self._cloud.region}:{ACCOUNT_ID}"
        if call.service == "ssm":
            names = _parameter_names(call.parameters)
            return [(f"arn:aws:ssm:{region}:parameter/{name.lstrip('/')}", common) for name in names] or [("*", common)]
        if call.service == "ec2" and not call.action.startswith("Describe"):
            named = [(word, call.parameters[key]) for key, word in EC2_RESOURCES.items() if key in call.parameters]
            return [
                (f"arn:aws:ec2:{region}:{word}/{value}", {**common, **self._tags(value)}) for word, value in named
            ] or [("*", common)]
        return [("*", common)]

    def _tags(self, resource_id: str) -> dict[str, list[str]]:
        tags = self._cloud.ec2.describe_tags(filters={"resource-id": [resource_id]})
        return {
            f"{prefix}:resourcetag/{tag['key'].lower()}": [tag["value"]] for tag in tags for prefix in ("aws", "ec2")
        }


def locks(cloud: Cloud, session: Session, service: str) -> list[list[dict[str, Any]]]:
    """The groups of policies that must each allow a node's call: its role's, and those of the VPC's endpoints."""
    return [cloud.role_policies(session.role_name)] + [[document] for document in cloud.endpoint_policies(service)]


def principal(session: Session) -> dict[str, list[str]]:
    return {
        "aws:principalarn": [session.assumed.role_arn],
        "aws:resourceaccount": [ACCOUNT_ID],
        "aws:vpcsourceip": [session.private_ip],
    }


def _parameter_names(parameters: Any) -> list[str]:
    return [parameters[key] for key in ("Name", "Path") if key in parameters] + list(parameters.get("Names", []))
