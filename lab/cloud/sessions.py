"""Credentials of instance roles: temporary, one set per instance, valid for every service of the lab."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from moto.ec2.models.instances import Instance
from moto.sts.models import AssumedRole

from .cloud import Cloud

LIFETIME = timedelta(hours=6)
# EC2 issues new credentials well before the old ones expire, so that a client never holds expired ones.
RENEW_BEFORE = timedelta(hours=3)


@dataclass(frozen=True)
class Session:
    instance_id: str
    private_ip: str
    node: str
    role_name: str
    issued: datetime
    assumed: AssumedRole

    @property
    def expiration(self) -> datetime:
        return _expiration(self.assumed)


class Sessions:
    def __init__(self, cloud: Cloud):
        self._cloud = cloud
        self._by_instance: dict[str, Session] = {}
        self._by_access_key: dict[str, Session] = {}
        self._lock = Lock()

    def of_instance(self, instance: Instance) -> Session | None:
        """The instance's current credentials, if its profile has a role."""
        role = self._cloud.role_of(instance)
        if role is None:
            return None
        with self._lock:
            session = self._by_instance.get(instance.id)
            if session is None or session.role_name != role.name or session.expiration - _now() < RENEW_BEFORE:
                session = self._issue(instance, role)
            return session

    def with_access_key(self, access_key_id: str) -> Session | None:
        session = self._by_access_key.get(access_key_id)
        return None if session is None or has_ended(session.assumed) else session

    def _issue(self, instance: Instance, role) -> Session:
        # Through moto's STS, so that GetCallerIdentity names role and instance, as on AWS.
        assumed = self._cloud.sts.assume_role(
            region_name=self._cloud.region,
            role_session_name=instance.id,
            role_arn=role.arn,
            policy="",
            duration=int(LIFETIME.total_seconds()),
            external_id="",
        )
        session = Session(
            instance.id, instance.private_ip_address, self._cloud.name_of(instance), role.name, _now(), assumed
        )
        self._by_instance[instance.id] = session
        self._by_access_key[assumed.access_key_id] = session
        return session


def has_ended(assumed: AssumedRole) -> bool:
    return _expiration(assumed) <= _now()


def _expiration(assumed: AssumedRole) -> datetime:
    return assumed.expiration.replace(tzinfo=UTC)


def _now() -> datetime:
    return datetime.now(UTC)
