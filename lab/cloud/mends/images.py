"""Machine images: if the lab lists them, no others can be described or run."""

from collections.abc import Collection

from moto.ec2.exceptions import InvalidAMIIdError
from moto.ec2.models import EC2Backend
from moto.ec2.models.amis import Ami, AmiBackend

# Debian publishes images from this account.
OWNER_ID = "136693071363"

_moto_describe = AmiBackend.describe_images


def mend(known: Collection[str]) -> None:
    run_instances = EC2Backend.run_instances

    def load_amis(self):
        """Moto loads some hundreds of very old ones."""
        for number, image_id in enumerate(known, start=1):
            self.amis[image_id] = _debian_12(self, image_id, f"debian-12-amd64-lab-{number}")

    def run_known_image(self, image_id, *args, **kwargs):
        """Moto runs any image, even an unknown one."""
        if image_id:
            self.describe_images(ami_ids=[image_id])
        return run_instances(self, image_id, *args, **kwargs)

    AmiBackend._load_amis = load_amis
    EC2Backend.describe_images = _describe_images
    EC2Backend.run_instances = run_known_image


def _describe_images(self, ami_ids=None, filters=None, exec_users=None, owners=None):
    """An unknown image fails the request; moto returns the known ones."""
    found = _moto_describe(self, ami_ids, filters, exec_users, owners)
    unknown = [image_id for image_id in ami_ids or [] if image_id not in self.amis]
    if unknown:
        raise InvalidAMIIdError(unknown)
    return found


def _debian_12(backend: EC2Backend, image_id: str, name: str) -> Ami:
    return Ami(
        backend,
        image_id,
        name=name,
        description="Debian 12 (bookworm)",
        owner_id=OWNER_ID,
        public=True,
        architecture="x86_64",
        virtualization_type="hvm",
        hypervisor="xen",
        image_location=f"{OWNER_ID}/{name}",
        root_device_type="ebs",
        root_device_name="/dev/xvda",
    )
