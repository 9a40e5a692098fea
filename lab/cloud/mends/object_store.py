"""Buckets exist twice: in moto with all their settings, and in the S3 server with their objects. Always in both."""

from typing import Protocol

from moto.s3.models import S3Backend

from ..cloud import ACCOUNT_ID

_moto_create = S3Backend.create_bucket
_moto_delete = S3Backend.delete_bucket


class ObjectStore(Protocol):
    """The S3 server. Its buckets belong to the lab's account; those of other accounts are in moto alone."""

    def create_bucket(self, name: str) -> None:
        """One that is there already is left as it is."""

    def delete_bucket(self, name: str) -> bool:
        """@returns whether the bucket is gone: one with objects in it stays."""


def mend(objects: ObjectStore) -> None:
    def create_bucket(self, bucket_name, *args, **kwargs):
        bucket = _moto_create(self, bucket_name, *args, **kwargs)
        if self.account_id == ACCOUNT_ID:
            objects.create_bucket(bucket_name)
        return bucket

    def delete_bucket(self, bucket_name):
        """None stands for BucketNotEmpty, and moto sees no objects."""
        if bucket_name in self.buckets and self.account_id == ACCOUNT_ID and not objects.delete_bucket(bucket_name):
            return None
        return _moto_delete(self, bucket_name)

    S3Backend.create_bucket = create_bucket
    S3Backend.delete_bucket = delete_bucket
