"""
Corrects moto where it differs from AWS in ways that matter to this project: one module per topic. Each replaces methods
of moto for the whole process, and says what AWS does instead.
"""

from collections.abc import Collection

from ..address_pool import AddressPool
from . import (
    bucket_owners,
    bucket_tags,
    elastic_ips,
    endpoints,
    flow_logs,
    images,
    instances,
    lifecycle_rules,
    object_store,
    quotas,
    security_group_rules,
)


def mend_moto(pool: AddressPool, objects: object_store.ObjectStore, known_images: Collection[str] = ()) -> None:
    """Call this before the first request: it does not change what moto has already created."""
    bucket_owners.mend()
    bucket_tags.mend()
    elastic_ips.mend(pool)
    endpoints.mend()
    flow_logs.mend()
    instances.mend()
    lifecycle_rules.mend()
    object_store.mend(objects)
    quotas.mend()
    security_group_rules.mend()
    if known_images:
        images.mend(known_images)
