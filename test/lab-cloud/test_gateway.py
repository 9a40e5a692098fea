import shutil
import subprocess
import unittest

from support import settings

from cloud.gateway import Interfaces, PublicAddress, moved, ruleset

INTERFACES = Interfaces(vpc="eth0", internet="eth1")
SERVICE = PublicAddress("10.81.0.129", "10.80.1.10", role="service-address")
BASTION = PublicAddress("10.81.0.130", "10.80.1.4", role="bastion")
SPARE = PublicAddress("10.81.0.131")


def rules(*addresses):
    return [line.strip() for line in ruleset(settings(), INTERFACES, addresses).splitlines()]


class RulesetTest(unittest.TestCase):
    def test_translates_an_elastic_ip_to_its_holder_and_back(self):
        text = rules(SERVICE, BASTION)
        self.assertIn("elements = { 10.81.0.129 : 10.80.1.10, 10.81.0.130 : 10.80.1.4 }", text)
        self.assertIn("elements = { 10.80.1.10 : 10.81.0.129, 10.80.1.4 : 10.81.0.130 }", text)

    def test_leaves_an_address_without_holder_out(self):
        self.assertFalse([line for line in rules(SPARE) if "10.81.0.131" in line or "elements" in line])

    def test_leads_a_published_port_to_the_holder_of_the_role(self):
        text = rules(SERVICE, BASTION)
        self.assertIn(
            'iifname "eth1" ip daddr 10.81.0.2 tcp dport 8443 ct mark set 8443 dnat ip to 10.80.1.10:443', text
        )
        self.assertIn('iifname "eth1" ip daddr 10.81.0.2 tcp dport 2222 ct mark set 2222 dnat ip to 10.80.1.4:22', text)

    def test_gives_who_comes_by_a_published_port_the_address_of_its_client(self):
        text = ruleset(settings(PUBLISHED_PORTS="8443=service-address:443@203.0.113.1"), INTERFACES, [SERVICE])
        self.assertIn("ct mark 8443 snat ip to 203.0.113.1", text)
        self.assertLess(text.index("ct mark 8443 snat"), text.index("snat ip to ip saddr map @elastic"))

    def test_drops_a_published_port_whose_address_has_no_holder(self):
        self.assertFalse([line for line in rules(BASTION, SPARE) if "dport 8443" in line])

    def test_forwards_nothing_by_default(self):
        self.assertIn("type filter hook forward priority filter; policy drop;", rules())

    def test_lets_no_packet_out_beyond_the_internet_of_the_lab(self):
        ways_out = [line for line in rules(SERVICE) if 'oifname "eth1"' in line and line.endswith("accept")]
        self.assertEqual(ways_out, ['iifname "eth0" oifname "eth1" ip saddr @holders ip daddr 10.81.0.0/24 accept'])

    def test_keeps_nodes_from_the_doors_of_driver_and_operator(self):
        doors = [line for line in rules() if "5000" in line or "7070" in line or "3128" in line]
        self.assertEqual(doors, ['iifname "eth1" ip daddr 10.81.0.2 tcp dport { 5000, 7070, 3128 } accept'])

    @unittest.skipUnless(shutil.which("nft"), "nft is not installed: apt-get install nftables")
    def test_is_valid_for_nft(self):
        for addresses in ((), (SERVICE,), (SERVICE, BASTION, SPARE)):
            with self.subTest(addresses=len(addresses)):
                check = subprocess.run(
                    ["nft", "--check", "--file", "-"],
                    input=ruleset(settings(), INTERFACES, addresses),
                    capture_output=True,
                    text=True,
                )
                if "Operation not permitted" in check.stderr:
                    self.skipTest("nft may not check here: run the tests as root")
                self.assertEqual(check.stderr, "")


class MovedTest(unittest.TestCase):
    def test_names_the_old_holder_of_an_address_that_moved(self):
        after = [PublicAddress("10.81.0.129", "10.80.1.11", role="service-address"), BASTION]
        self.assertEqual(moved([SERVICE, BASTION], after), [SERVICE])

    def test_names_the_old_holder_of_an_address_that_was_released(self):
        self.assertEqual(moved([SERVICE], []), [SERVICE])

    def test_does_not_name_an_address_that_nobody_held(self):
        self.assertEqual(moved([SPARE], [PublicAddress("10.81.0.131", "10.80.1.11")]), [])


if __name__ == "__main__":
    unittest.main()
