"""Errors in the form of the service that was called: SDKs read the code, people the message."""

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

QUERY_SERVICES = ("sts", "iam")


@dataclass(frozen=True)
class Refusal:
    status: str
    content_type: str
    body: str


def access_denied(service: str, message: str) -> Refusal:
    """The caller is known, but may not do this."""
    if service == "ec2":
        return _refusal(service, "403 Forbidden", "UnauthorizedOperation", message)
    if service in QUERY_SERVICES or service == "s3":
        return _refusal(service, "403 Forbidden", "AccessDenied", message)
    return _refusal(service, "400 Bad Request", "AccessDeniedException", message)


def unknown_key(service: str) -> Refusal:
    """Nobody has this access key."""
    if service == "ec2":
        message = "AWS was not able to validate the provided access credentials"
        return _refusal(service, "401 Unauthorized", "AuthFailure", message)
    if service == "s3":
        message = "The AWS Access Key Id you provided does not exist in our records."
        return _refusal(service, "403 Forbidden", "InvalidAccessKeyId", message)
    message = "The security token included in the request is invalid."
    if service in QUERY_SERVICES:
        return _refusal(service, "403 Forbidden", "InvalidClientTokenId", message)
    return _refusal(service, "400 Bad Request", "UnrecognizedClientException", message)


def expired_key(service: str) -> Refusal:
    """The access key belongs to a session that has ended."""
    if service == "ec2":
        return _refusal(service, "400 Bad Request", "RequestExpired", "Request has expired.")
    if service == "s3":
        return _refusal(service, "400 Bad Request", "ExpiredToken", "The provided token has expired.")
    message = "The security token included in the request is expired"
    if service in QUERY_SERVICES:
        return _refusal(service, "403 Forbidden", "ExpiredToken", message)
    return _refusal(service, "400 Bad Request", "ExpiredTokenException", message)


def throttled(service: str) -> Refusal:
    """Too many calls."""
    if service == "ec2":
        return _refusal(service, "503 Service Unavailable", "RequestLimitExceeded", "Request limit exceeded.")
    if service == "s3":
        return _refusal(service, "503 Slow Down", "SlowDown", "Please reduce your request rate.")
    if service in QUERY_SERVICES:
        return _refusal(service, "400 Bad Request", "Throttling", "Rate exceeded")
    return _refusal(service, "400 Bad Request", "ThrottlingException", "Rate exceeded")


def wrong_clock(service: str) -> Refusal:
    """The caller's clock differs too much, so its signature could be a replayed one."""
    if service == "ec2":
        return _refusal(service, "400 Bad Request", "RequestExpired", "Request has expired.")
    if service == "s3":
        message = "The difference between the request time and the current time is too large."
        return _refusal(service, "403 Forbidden", "RequestTimeTooSkewed", message)
    message = "Signature expired or not yet current"
    if service in QUERY_SERVICES:
        return _refusal(service, "403 Forbidden", "SignatureDoesNotMatch", message)
    return _refusal(service, "400 Bad Request", "InvalidSignatureException", message)


def _refusal(service: str, status: str, code: str, message: str) -> Refusal:
    error = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    if service == "ec2":
        return Refusal(status, "text/xml", f"<Response><Errors><Error>{error}</Error></Errors></Response>")
    if service == "s3":
        return Refusal(status, "application/xml", f"<Error>{error}</Error>")
    if service in QUERY_SERVICES:
        sender = f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>"
        return Refusal(status, "text/xml", sender)
    return Refusal(status, "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message}))
