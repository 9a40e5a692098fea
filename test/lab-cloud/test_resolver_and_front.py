import unittest

from support import settings

from cloud.front import nginx_conf, s3_environment
from cloud.gateway import PublicAddress
from cloud.resolver import dnsmasq_conf, hosts

SERVICE = PublicAddress("10.81.0.129", role="service-address")
BASTION = PublicAddress("10.81.0.130", role="bastion")


class ResolverTest(unittest.TestCase):
    def test_leads_every_aws_name_to_this_container(self):
        self.assertIn("address=/amazonaws.com/10.80.0.2\n", dnsmasq_conf(settings()))

    def test_knows_s3_at_an_address_of_its_own(self):
        for name in ("s3.eu-west-1.amazonaws.com", "s3.amazonaws.com"):
            self.assertIn(f"address=/{name}/10.80.0.3\n", dnsmasq_conf(settings()))

    def test_asks_nobody_else_and_knows_no_other_name(self):
        lines = dnsmasq_conf(settings()).splitlines()
        self.assertIn("no-resolv", lines)
        self.assertIn("address=/#/", lines)
        self.assertFalse([line for line in lines if line.startswith("server=")])

    def test_names_the_service_by_its_elastic_ip_held_or_not(self):
        self.assertEqual(hosts(settings(), {}, [BASTION, SERVICE]), "10.81.0.129 registry.example.internal\n")

    def test_names_no_service_without_a_domain(self):
        self.assertEqual(hosts(settings(DOMAIN=""), {}, [SERVICE]), "")

    def test_names_nodes_as_aws_does(self):
        nodes = {"ip-10-80-1-10.eu-west-1.compute.internal": "10.80.1.10"}
        self.assertEqual(hosts(settings(), nodes, []), "10.80.1.10 ip-10-80-1-10.eu-west-1.compute.internal\n")


class FrontTest(unittest.TestCase):
    def test_leads_the_hosts_of_s3_to_the_s3_server(self):
        self.assertIn(
            "server_name s3.eu-west-1.amazonaws.com *.s3.eu-west-1.amazonaws.com s3.amazonaws.com *.s3.amazonaws.com;",
            nginx_conf(settings()),
        )

    def test_streams_objects_of_any_size(self):
        text = nginx_conf(settings())
        for directive in ("client_max_body_size 0;", "proxy_request_buffering off;", "proxy_buffering off;"):
            self.assertIn(directive, text)

    def test_tells_the_api_the_caller_and_lets_nobody_claim_to_be_another(self):
        self.assertIn("proxy_set_header X-Forwarded-For $remote_addr;", nginx_conf(settings()))

    def test_gives_the_s3_server_buckets_as_host_names(self):
        self.assertIn("VGW_VIRTUAL_DOMAIN=s3.eu-west-1.amazonaws.com\n", s3_environment(settings()))


if __name__ == "__main__":
    unittest.main()
