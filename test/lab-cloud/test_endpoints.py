"""Interface endpoints: their addresses, and who answers there."""

import shutil
import subprocess
import unittest

from account import REGION, AccountTest

from support import settings

from cloud.endpoints import Endpoint, EndpointAddresses, endpoints_of, ruleset
from cloud.gateway import Interfaces
from cloud.resolver import hosts

INTERFACES = Interfaces(vpc="eth0", internet="eth1")
EC2 = Endpoint("ec2", ("10.80.15.254", "10.80.31.254"))


class EndpointsTest(AccountTest):
    def create(self, **more):
        other = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.80.2.0/24")["Subnet"]["SubnetId"]
        return self.ec2.create_vpc_endpoint(
            VpcId=self.vpc,
            ServiceName=f"com.amazonaws.{REGION}.ec2",
            VpcEndpointType="Interface",
            SubnetIds=[self.subnet, other],
            SubnetConfigurations=[
                {"SubnetId": self.subnet, "Ipv4": "10.80.1.254"},
                {"SubnetId": other, "Ipv4": "10.80.2.254"},
            ],
            **more,
        )["VpcEndpoint"]["VpcEndpointId"]

    def test_are_gone_once_they_are_deleted(self):
        self.ec2.delete_vpc_endpoints(VpcEndpointIds=[self.create(PrivateDnsEnabled=True)])
        self.assertEqual(endpoints_of(self.cloud.ec2), [])

    def test_have_an_address_in_each_of_their_subnets(self):
        self.create(PrivateDnsEnabled=True)
        self.assertEqual(endpoints_of(self.cloud.ec2), [Endpoint("ec2", ("10.80.1.254", "10.80.2.254"))])

    def test_do_not_get_the_services_own_name_unless_asked(self):
        self.create(PrivateDnsEnabled=False)
        self.assertEqual(endpoints_of(self.cloud.ec2), [])

    def test_gateways_to_s3_are_none(self):
        self.ec2.create_vpc_endpoint(VpcId=self.vpc, ServiceName=f"com.amazonaws.{REGION}.s3")
        self.assertEqual(endpoints_of(self.cloud.ec2), [])


class NamesTest(unittest.TestCase):
    def test_a_service_is_found_at_all_addresses_of_its_endpoint(self):
        self.assertEqual(
            hosts(settings(DOMAIN=""), {}, [], [EC2]),
            "10.80.15.254 ec2.eu-west-1.amazonaws.com\n10.80.31.254 ec2.eu-west-1.amazonaws.com\n",
        )


class EndpointAddressesTest(unittest.TestCase):
    def setUp(self):
        self.commands: list[str] = []
        self.addresses = EndpointAddresses(settings(), INTERFACES, self.record)

    def record(self, *command, stdin=None):
        self.commands.append(" ".join(command))
        return ""

    def test_are_answered_once_there_is_an_endpoint(self):
        self.addresses.apply([EC2])
        self.assertEqual(
            self.commands,
            [
                "ip address replace 10.80.15.254/32 dev eth0",
                "ip address replace 10.80.31.254/32 dev eth0",
                "nft -f -",
            ],
        )

    def test_are_given_up_with_the_endpoint(self):
        self.addresses.apply([EC2])
        self.commands.clear()
        self.addresses.apply([Endpoint("ec2", ("10.80.15.254",))])
        self.assertEqual(self.commands, ["ip address delete 10.80.31.254/32 dev eth0", "nft -f -"])

    def test_are_left_alone_when_nothing_has_changed(self):
        self.addresses.apply([EC2])
        self.commands.clear()
        self.addresses.apply([EC2])
        self.assertEqual(self.commands, [])


class RulesetTest(unittest.TestCase):
    def test_leads_https_to_the_front_and_nothing_else(self):
        rules = [line.strip() for line in ruleset(settings(), INTERFACES, EC2.addresses).splitlines() if "dnat" in line]
        self.assertEqual(
            rules,
            ['iifname "eth0" ip daddr { 10.80.15.254, 10.80.31.254 } tcp dport 443 dnat ip to 10.80.0.2'],
        )

    @unittest.skipUnless(shutil.which("nft"), "nft is not installed: apt-get install nftables")
    def test_is_valid_for_nft(self):
        for addresses in ((), EC2.addresses):
            text = ruleset(settings(), INTERFACES, addresses)
            check = subprocess.run(["nft", "--check", "--file", "-"], input=text, capture_output=True, text=True)
            if "Operation not permitted" in check.stderr:
                self.skipTest("nft may not check here: run the tests as root")
            self.assertEqual(check.stderr, "")


if __name__ == "__main__":
    unittest.main()
