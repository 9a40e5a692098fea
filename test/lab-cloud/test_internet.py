import json
import tempfile
import unittest
from pathlib import Path

from support import settings

from cloud.gateway import Interfaces, PublicAddress
from cloud.internet import InternetGateway

AT_A = PublicAddress("10.81.0.129", "10.80.1.10", role="service-address")
AT_B = PublicAddress("10.81.0.129", "10.80.1.11", role="service-address")


class InternetGatewayTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = Path(folder.name, "addresses.json")
        self.commands: list[str] = []
        self.gateway = InternetGateway(settings(), Interfaces("eth0", "eth1"), self.record, str(self.state))

    def record(self, *command, stdin=None, ok_codes=(0,)):
        self.commands.append(" ".join(command))
        return ""

    def test_takes_a_new_address_before_it_translates_it(self):
        self.gateway.apply([AT_A])
        self.assertEqual(self.commands, ["ip address replace 10.81.0.129/32 dev eth1", "nft -f -"])

    def test_breaks_the_connections_of_the_old_holder_after_the_rules_have_changed(self):
        self.gateway.apply([AT_A])
        self.commands.clear()
        self.gateway.apply([AT_B])
        self.assertEqual(
            self.commands,
            [
                "nft -f -",
                "conntrack --delete --orig-dst 10.81.0.129",
                "conntrack --delete --reply-dst 10.81.0.129",
                "conntrack --delete --orig-dst 10.81.0.2 --reply-src 10.80.1.10",
            ],
        )

    def test_does_nothing_when_nothing_has_changed(self):
        self.gateway.apply([AT_A])
        self.commands.clear()
        self.gateway.apply([AT_A])
        self.assertEqual(self.commands, [])

    def test_gives_a_released_address_up(self):
        self.gateway.apply([AT_A])
        self.commands.clear()
        self.gateway.apply([])
        self.assertIn("ip address delete 10.81.0.129/32 dev eth1", self.commands)

    def test_writes_who_holds_what(self):
        self.gateway.apply([AT_B])
        self.assertEqual(
            json.loads(self.state.read_text()),
            {
                "addresses": [
                    {
                        "public_ip": "10.81.0.129",
                        "private_ip": "10.80.1.11",
                        "role": "service-address",
                        "allocation_id": None,
                        "instance_id": None,
                    }
                ]
            },
        )


if __name__ == "__main__":
    unittest.main()
