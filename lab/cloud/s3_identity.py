"""
Authorizes S3 requests: versitygw asks us, over a private socket, about each request it serves.
So S3 knows the credentials that the metadata service and STS issue, and the policies of the account's roles.
The routes and fields are those of versitygw's "standalone IAM service", protocol 1.
"""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.sts.models import AssumedRole

from .authorization import locks, principal
from .calls import Call
from .cloud import ACCOUNT_ID, Cloud
from .policy import Decision, evaluate
from .sessions import Session, Sessions, has_ended

PROTOCOL = {"X-Vgw-Private-Protocol": "1"}


class Refusal(Exception):
    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


class S3Identity:
    def __init__(self, cloud: Cloud, sessions: Sessions, log: Callable[[Call, int], None]):
        self._cloud = cloud
        self._sessions = sessions
        self._log = log
        self._routes: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "/private/version": self._version,
            "/private/derive-signing-key": self._derive_signing_key,
            "/private/evaluate-policy": self._evaluate_policy,
            "/private/resolve-identity": self._resolve_identity,
            "/private/resolve-principals": self._resolve_principals,
        }

    def respond(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        route = self._routes.get(path)
        if route is None:
            return 404, {"error": f"no route {path}"}
        try:
            return 200, route(json.loads(body))
        except Refusal as refusal:
            return 403, {"error": str(refusal), "code": refusal.code}

    def _version(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"protocol": 1, "minClient": 1, "serverVersion": "lab", "accountId": ACCOUNT_ID}

    def _derive_signing_key(self, request: Mapping[str, Any]) -> dict[str, Any]:
        assumed = self._assumed(request)
        key = signing_key(assumed.secret_access_key, request["date"], request["region"], request["service"])
        return {
            "derivedKey": b64encode(key).decode(),
            "principalArn": assumed.arn,
            "roleArn": assumed.role_arn,
        }

    def _evaluate_policy(self, request: Mapping[str, Any]) -> dict[str, Any]:
        assumed = self._assumed(request)
        session = self._sessions.with_access_key(assumed.access_key_id)
        decide = self._policies_of(session, request) if session else _outsider(assumed)
        decisions = [[decide(action, resource) for action in request["actions"]] for resource in request["resources"]]
        if session:
            self._log_calls(session, request["actions"], decisions)
        return {"decisions": decisions, "principalArn": assumed.arn}

    def _policies_of(self, session: Session, request: Mapping[str, Any]) -> Callable[[str, str], Decision]:
        required = locks(self._cloud, session, "s3")
        context = {key.lower(): values for key, values in (request.get("condition") or {}).items()}
        # TLS ends at the container's front, and nothing else reaches the S3 server with a role's key.
        context |= {"aws:securetransport": ["true"], **principal(session)}

        def decide_once(action: str, resource: str) -> Decision:
            decisions = {evaluate(documents, action, resource, context) for documents in required}
            return next(decision for decision in ("deny", "no_match", "allow") if decision in decisions)

        def decide(action: str, resource: str) -> Decision:
            decision = decide_once(action, resource)
            if decision == "no_match" and action == "s3:GetObject":
                # Versitygw names the key `folder/`, which the registry's health check asks for, without its slash.
                return decide_once(action, f"{resource}/")
            return decision

        return decide

    def _log_calls(self, session: Session, actions: Sequence[str], decisions: Sequence[Sequence[Decision]]) -> None:
        """Writes a node's S3 calls to the API's log, beside its other calls."""
        for action, decided in zip(actions, zip(*decisions, strict=True), strict=True):
            call = Call(
                service="s3",
                action=action.removeprefix("s3:"),
                parameters={},
                access_key_id=session.assumed.access_key_id,
                session_token=session.assumed.session_token,
                source=session.private_ip,
            )
            self._log(call, 200 if all(decision == "allow" for decision in decided) else 403)

    def _resolve_identity(self, request: Mapping[str, Any]) -> dict[str, Any]:
        sessions = [self._sessions.with_access_key(key) for key in request["accessKeyIds"]]
        return {
            "identities": [
                {"found": True, "kind": "session", "principalArn": s.assumed.arn} if s else {"found": False}
                for s in sessions
            ]
        }

    def _resolve_principals(self, request: Mapping[str, Any]) -> dict[str, Any]:
        known = {role.arn for role in self._cloud.iam.roles.values()} | {ACCOUNT_ID, f"arn:aws:iam::{ACCOUNT_ID}:root"}
        return {"invalid": [principal for principal in request["principals"] if principal not in known]}

    def _assumed(self, request: Mapping[str, Any]) -> AssumedRole:
        assumed = self._cloud.assumed_role(request["accessKeyId"])
        if assumed is None or has_ended(assumed):
            raise Refusal("NoSuchIdentity", "no identity for the given access key id")
        if request.get("sessionToken") != assumed.session_token:
            raise Refusal("InvalidToken", "the session token is missing or belongs to another key")
        return assumed


def _outsider(assumed: AssumedRole) -> Callable[[str, str], Decision]:
    """Whoever assumed a role of this account from outside of the VPC may do everything, as in the rest of the API."""
    return lambda _action, _resource: "allow" if assumed.account_id == ACCOUNT_ID else "no_match"


def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key of AWS signature version 4 for one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
