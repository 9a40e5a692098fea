"""Lifecycle rules of buckets, as they were put; moto forgets sizes of objects and how many versions to keep."""

from uuid import uuid4

import xmltodict
from moto.s3.exceptions import MalformedXML, NoSuchLifecycleConfiguration
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
# The default, and the only value that the lab knows.
MINIMUM_SIZE = {"x-amz-transition-default-minimum-object-size": "all_storage_classes_128K"}

_moto_set = FakeBucket.set_lifecycle


def mend() -> None:
    FakeBucket.set_lifecycle = _set_lifecycle
    S3Response.get_bucket_lifecycle = _get_bucket_lifecycle


def _set_lifecycle(self, rules):
    """S3 refuses a filter with two conditions outside of `And`, and names rules that have no name."""
    if any(len(rule.get("Filter") or {}) > 1 for rule in rules):
        raise MalformedXML
    _moto_set(self, rules)
    self.rules_as_put = [{"ID": str(uuid4()), **rule} for rule in rules]


def _get_bucket_lifecycle(self):
    bucket = self.backend.get_bucket(self.bucket_name)
    if not bucket.rules:
        raise NoSuchLifecycleConfiguration(bucket_name=self.bucket_name)
    configuration = {"LifecycleConfiguration": {"@xmlns": NAMESPACE, "Rule": bucket.rules_as_put}}
    return 200, {"Content-Type": "application/xml", **MINIMUM_SIZE}, xmltodict.unparse(configuration)
