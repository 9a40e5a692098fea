"""Turns an instance of the account into the tree that its metadata service shows."""

import json
from datetime import datetime

from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance
from moto.iam.models import Role

from .cloud import ACCOUNT_ID, Cloud
from .imds import Metadata, Tree
from .sessions import Session, Sessions


def metadata_at(cloud: Cloud, sessions: Sessions, source: str) -> Metadata | None:
    instance = cloud.instance_at(source)
    if instance is None:
        return None
    options = instance.metadata_options
    return Metadata(
        tree=_tree(cloud, sessions, instance),
        hop_limit=options.http_put_response_hop_limit,
        enabled=options.http_endpoint == "enabled",
    )


def _tree(cloud: Cloud, sessions: Sessions, instance: Instance) -> Tree:
    tree: Tree = {
        "meta-data": _meta_data(cloud, sessions, instance),
        "dynamic": {"instance-identity": {"document": _identity_document(cloud, instance)}},
    }
    if instance.user_data:
        tree["user-data"] = instance.user_data.decode()
    return tree


def _meta_data(cloud: Cloud, sessions: Sessions, instance: Instance) -> Tree:
    primary = instance.nics[0]
    tree: Tree = {
        "ami-id": instance.image_id,
        "ami-launch-index": str(instance.ami_launch_index),
        "hostname": instance.private_dns_name,
        "instance-action": "none",
        "instance-id": instance.id,
        "instance-life-cycle": "on-demand",
        "instance-type": instance.instance_type,
        "local-hostname": instance.private_dns_name,
        "local-ipv4": primary.private_ip_address,
        "mac": primary.mac_address,
        "network": {"interfaces": {"macs": {n.mac_address: _interface(cloud, n) for n in instance.nics.values()}}},
        "placement": {"availability-zone": instance.availability_zone, "region": cloud.region},
        "reservation-id": _reservation_id(cloud, instance),
        "security-groups": "\n".join(sorted(group.name for group in primary.group_set)),
        "services": {"domain": "amazonaws.com", "partition": "aws"},
    }
    if primary.public_ip:
        tree["public-ipv4"] = primary.public_ip
    key_pair = cloud.ec2.key_pairs.get(instance.key_name)
    if key_pair:
        tree["public-keys"] = {f"0={key_pair.key_name}": {"openssh-key": key_pair.public_key.strip() + "\n"}}
    role, session = cloud.role_of(instance), sessions.of_instance(instance)
    if role and session:
        tree["iam"] = _iam(cloud, instance, role, session)
    if instance.metadata_options.instance_metadata_tags == "enabled":
        tree["tags"] = {"instance": {tag["key"]: tag["value"] for tag in instance.get_tags()}}
    return tree


def _interface(cloud: Cloud, interface: NetworkInterface) -> Tree:
    subnet = interface.subnet
    vpc = cloud.ec2.get_vpc(subnet.vpc_id)
    tree: Tree = {
        "device-number": str(interface.device_index or 0),
        "interface-id": interface.id,
        "local-ipv4s": "\n".join(address["PrivateIpAddress"] for address in interface.private_ip_addresses),
        "mac": interface.mac_address,
        "owner-id": ACCOUNT_ID,
        "security-group-ids": "\n".join(sorted(group.id for group in interface.group_set)),
        "subnet-id": subnet.id,
        "subnet-ipv4-cidr-block": subnet.cidr_block,
        "vpc-id": subnet.vpc_id,
        "vpc-ipv4-cidr-block": vpc.cidr_block,
        "vpc-ipv4-cidr-blocks": vpc.cidr_block,
    }
    if interface.public_ip:
        tree["public-ipv4s"] = interface.public_ip
        tree["ipv4-associations"] = {interface.public_ip: str(interface.private_ip_address)}
    return tree


def _iam(cloud: Cloud, instance: Instance, role: Role, session: Session) -> Tree:
    profile = cloud.ec2.iam_instance_profile_associations[instance.id].iam_instance_profile
    info = {
        "Code": "Success",
        "LastUpdated": _time(session.issued),
        "InstanceProfileArn": profile.arn,
        "InstanceProfileId": profile.id,
    }
    credentials = {
        "Code": "Success",
        "LastUpdated": _time(session.issued),
        "Type": "AWS-HMAC",
        "AccessKeyId": session.assumed.access_key_id,
        "SecretAccessKey": session.assumed.secret_access_key,
        "Token": session.assumed.session_token,
        "Expiration": _time(session.expiration),
    }
    return {"info": _json(info), "security-credentials": {role.name: _json(credentials)}}


def _identity_document(cloud: Cloud, instance: Instance) -> str:
    return _json(
        {
            "accountId": ACCOUNT_ID,
            "architecture": instance.architecture,
            "availabilityZone": instance.availability_zone,
            "imageId": instance.image_id,
            "instanceId": instance.id,
            "instanceType": instance.instance_type,
            "pendingTime": _time(instance.launch_time),
            "privateIp": instance.private_ip_address,
            "region": cloud.region,
            "version": "2017-09-30",
        }
    )


def _reservation_id(cloud: Cloud, instance: Instance) -> str:
    return next(r.id for r in cloud.ec2.reservations.values() if instance in r.instances)


def _json(value: dict[str, str]) -> str:
    return json.dumps(value, indent=2)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
