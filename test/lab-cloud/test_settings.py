import unittest
from ipaddress import IPv4Address

from support import ENVIRONMENT, settings

from cloud.settings import PublishedPort, read_settings


class SettingsTest(unittest.TestCase):
    def test_reads_the_published_ports_with_their_roles(self):
        self.assertEqual(
            settings().published_ports,
            (PublishedPort(8443, "service-address", 443), PublishedPort(2222, "bastion", 22)),
        )

    def test_reads_whose_address_comes_by_a_published_port(self):
        (port,) = settings(PUBLISHED_PORTS="8443=service-address:443@203.0.113.1").published_ports
        self.assertEqual(port, PublishedPort(8443, "service-address", 443, IPv4Address("203.0.113.1")))

    def test_names_a_variable_that_is_missing(self):
        with self.assertRaisesRegex(ValueError, "REGION is missing: set it in /etc/lab/cloud.env"):
            read_settings({**ENVIRONMENT, "REGION": ""})

    def test_names_a_value_that_is_no_address(self):
        with self.assertRaisesRegex(ValueError, "VPC_ADDRESS is 'nowhere', needs an address such as 10.80.0.2"):
            settings(VPC_ADDRESS="nowhere")

    def test_refuses_a_pool_outside_the_lab(self):
        with self.assertRaisesRegex(ValueError, r"ELASTIC_IP_POOL 203.0.113.0/24 must lie in INTERNET_CIDR"):
            settings(ELASTIC_IP_POOL="203.0.113.0/24")

    def test_refuses_its_own_address_outside_its_network(self):
        with self.assertRaisesRegex(ValueError, "VPC_ADDRESS 10.99.0.2 must lie in VPC_CIDR 10.80.0.0/16"):
            settings(VPC_ADDRESS="10.99.0.2")

    def test_refuses_a_published_port_without_a_role(self):
        with self.assertRaisesRegex(ValueError, "PUBLISHED_PORTS has '8443:443', needs PORT=ROLE:PORT"):
            settings(PUBLISHED_PORTS="8443:443")

    def test_knows_any_image_unless_some_are_named(self):
        self.assertEqual(settings().amis, ())
        self.assertEqual(
            settings(AMIS="ami-0123abcd, ami-0123456789abcdef0").amis, ("ami-0123abcd", "ami-0123456789abcdef0")
        )

    def test_refuses_what_is_no_id_of_an_image(self):
        with self.assertRaisesRegex(ValueError, "AMIS has 'debian-12', needs ids such as ami-0123456789abcdef0"):
            settings(AMIS="ami-0123abcd,debian-12")

    def test_is_immediate_unless_a_seed_is_given(self):
        self.assertIsNone(settings().as_on_aws_seed)
        self.assertEqual(settings(AS_ON_AWS_SEED="7").as_on_aws_seed, 7)

    def test_refuses_a_seed_that_is_no_number(self):
        with self.assertRaisesRegex(ValueError, "AS_ON_AWS_SEED is 'slow', needs a whole number"):
            settings(AS_ON_AWS_SEED="slow")


if __name__ == "__main__":
    unittest.main()
