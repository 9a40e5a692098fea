"""Creates and deletes buckets on the S3 server for the API, as the account's owner."""

import http.client
from xml.etree import ElementTree

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .settings import S3_PORT, Settings

TIMEOUT_SECONDS = 30


class S3Server:
    def __init__(self, settings: Settings, port: int = S3_PORT):
        self._region = settings.region
        self._operator = Credentials(settings.operator_access_key_id, settings.operator_secret_access_key)
        self._address = f"127.0.0.1:{port}"

    def create_bucket(self, name: str) -> None:
        self._ask("PUT", name, _location(self._region), ok=("BucketAlreadyOwnedByYou",))

    def delete_bucket(self, name: str) -> bool:
        return self._ask("DELETE", name, ok=("NoSuchBucket", "BucketNotEmpty")) != "BucketNotEmpty"

    def _ask(self, method: str, bucket: str, body: str = "", ok: tuple[str, ...] = ()) -> str | None:
        """@returns the error's code, if it is one that does not count as a failure."""
        request = AWSRequest(method, f"http://{self._address}/{bucket}", data=body)
        S3SigV4Auth(self._operator, "s3", self._region).add_auth(request)
        connection = http.client.HTTPConnection(self._address, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, f"/{bucket}", body, dict(request.headers))
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status < 300:
            return None
        code = ElementTree.fromstring(text).findtext("Code")
        if code not in ok:
            raise RuntimeError(f"the S3 server answered {method} of bucket {bucket} with {answer.status} {code}")
        return code


def _location(region: str) -> str:
    """Buckets of us-east-1 have no location constraint."""
    place = "" if region == "us-east-1" else f"<LocationConstraint>{region}</LocationConstraint>"
    return f"<CreateBucketConfiguration>{place}</CreateBucketConfiguration>"
