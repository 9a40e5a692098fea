"""Shared by these tests: an account in moto with our mends, asked by the requests of the AWS SDK."""

import importlib.util
import unittest

from support import settings

if importlib.util.find_spec("moto") is None:
    raise unittest.SkipTest("moto is not installed: pip install -r lab/cloud/requirements.txt")

import boto3
from moto import mock_aws

from cloud.address_pool import AddressPool
from cloud.cloud import Cloud
from cloud.mends import mend_moto
from cloud.sessions import Sessions

REGION = "eu-west-1"
AMI = "ami-00000000000000001"
OTHER_ACCOUNT = "999999999999"


class Objects:
    """Stands for the S3 server: the names of its buckets, and those that hold objects."""

    def __init__(self):
        self.buckets: set[str] = set()
        self.filled: set[str] = set()

    def create_bucket(self, name):
        self.buckets.add(name)

    def delete_bucket(self, name):
        if name in self.filled:
            return False
        self.buckets.discard(name)
        return True


objects = Objects()
mend_moto(AddressPool(settings().elastic_ip_pool), objects, [AMI])


class AccountTest(unittest.TestCase):
    def setUp(self):
        aws = mock_aws()
        aws.start()
        self.addCleanup(aws.stop)
        objects.__init__()
        self.ec2 = self.client("ec2")
        self.iam = self.client("iam")
        self.cloud = Cloud(REGION)
        self.sessions = Sessions(self.cloud)
        self.vpc = self.ec2.create_vpc(CidrBlock="10.80.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.80.1.0/24")["Subnet"]["SubnetId"]

    def client(self, service, access_key_id="operator", secret="secret", token=None):
        return boto3.client(
            service,
            region_name=REGION,
            aws_access_key_id=access_key_id,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )

    def client_in(self, account, service):
        """A client that acts in an account by a role that it assumed there."""
        role = f"arn:aws:iam::{account}:role/someone"
        keys = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return self.client(service, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    def run_node(self, name, private_ip, **more):
        tags = [{"Key": "Node", "Value": name}]
        placement = {} if "NetworkInterfaces" in more else {"SubnetId": self.subnet, "PrivateIpAddress": private_ip}
        return self.ec2.run_instances(
            ImageId=AMI,
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
            **placement,
            **more,
        )["Instances"][0]

    def allocate(self, role="service-address", **more):
        tags = [{"Key": "Cluster", "Value": "demo"}, {"Key": "Role", "Value": role}]
        return self.ec2.allocate_address(
            Domain="vpc", TagSpecifications=[{"ResourceType": "elastic-ip", "Tags": tags}], **more
        )
