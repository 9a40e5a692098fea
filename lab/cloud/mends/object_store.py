"""Each bucket exists twice: in moto with its settings, and in the S3 server with its objects. These stay in step."""

from typing import Protocol

from moto.s3.models import S3Backend

from ..cloud import ACCOUNT_ID

_moto_create = S3Backend.create_bucket
_moto_delete = S3Backend.delete_bucket


class ObjectStore(Protocol):
    """The S3 server. Its buckets belong to the lab's account; those of other accounts are in moto alone."""

    def create_bucket(self, name: str) -> None:
        """Leaves an existing bucket as it is."""

    def delete_bucket(self, name: str) -> bool:
        """@returns whether the bucket no longer exists: one with objects in it stays."""


def mend(objects: ObjectStore) -> None:
    def create_bucket(self, bucket_name, *args, **kwargs):
        bucket = _moto_create(self, bucket_name, *args, **kwargs)
        if self.account_id == ACCOUNT_ID:
            objects.create_bucket(bucket_name)
        return bucket

    def delete_bucket(self, bucket_name):
        """Returns None for BucketNotEmpty, because moto itself sees no objects."""
        if bucket_name in self.buckets and self.account_id == ACCOUNT_ID and not objects.delete_bucket(bucket_name):
            return None
        return _moto_delete(self, bucket_name)

    S3Backend.create_bucket = create_bucket
    S3Backend.delete_bucket = delete_bucket
