"""Tags that come with CreateBucket, as the AWS provider sends them; moto drops them."""

import xmltodict
from moto.s3.responses import S3Response

_moto_put = S3Response._bucket_response_put


def mend() -> None:
    S3Response._bucket_response_put = _put


def _put(self, request, bucket_name, querystring):
    """Handles every PUT to a bucket; the one without a subresource is CreateBucket."""
    answer = _moto_put(self, request, bucket_name, querystring)
    tags = _tags_of(self.body)
    if tags:
        self.backend.put_bucket_tagging(bucket_name, tags)
    return answer


def _tags_of(body: bytes) -> dict[str, str]:
    if b"<CreateBucketConfiguration" not in body:
        return {}
    configuration = xmltodict.parse(body, force_list=("Tag",))["CreateBucketConfiguration"] or {}
    tags = (configuration.get("Tags") or {}).get("Tag", [])
    return {tag["Key"]: tag["Value"] or "" for tag in tags}
