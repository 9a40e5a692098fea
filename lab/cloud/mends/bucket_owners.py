"""Buckets of other accounts."""

from moto.s3.exceptions import AccessDeniedByLock
from moto.s3.models import S3Backend, s3_backends

_moto_head = S3Backend.head_bucket


def mend() -> None:
    S3Backend.head_bucket = _head_bucket


def _head_bucket(self, bucket_name):
    """For a bucket of another account, S3 answers 403; moto shows it like the caller's own."""
    owner = s3_backends.bucket_accounts.get(bucket_name)
    if owner and owner[1] != self.account_id:
        raise AccessDeniedByLock
    return _moto_head(self, bucket_name)
