"""EC2 and instance metadata that fail."""

import contextlib
import socket
import time
from unittest import mock

from world import REGION, KeeperCase, eventually

import eip_keeper


@contextlib.contextmanager
def silent_address():
    """An address that drops what is sent to it: its queue of connections is full, and nobody accepts them."""
    with contextlib.ExitStack() as opened:
        server = opened.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()


class ApiFaults(KeeperCase):
    def test_a_throttled_call_is_tried_again_until_it_works(self):
        self.a.start(interval_sec=60)
        self.a.api.spoil("AssociateAddress", "throttle", 3)
        self.a.becomes_holder()
        self.assertEqual(self.a.api.count("AssociateAddress"), 4)
        self.assertEqual(self.a.log().count("RequestLimitExceeded"), 1)

    def test_a_cut_connection_is_tried_again(self):
        self.a.start(interval_sec=60)
        self.a.api.spoil("AssociateAddress", "cut", 1)
        self.a.becomes_holder()
        self.assertEqual(self.a.api.count("AssociateAddress"), 2)

    def test_a_call_whose_answer_was_lost_ends_right(self):
        self.a.start(interval_sec=60)
        self.a.api.spoil("AssociateAddress", "lost", 1)
        self.a.becomes_holder()
        self.assertEqual(self.a.api.count("AssociateAddress"), 2)

    def test_a_call_that_hangs_is_given_up_and_tried_again(self):
        self.a.start(interval_sec=60, apiTimeoutSec=0.5)
        self.a.api.spoil("AssociateAddress", "slow", 1)
        self.a.becomes_holder()
        self.assertEqual(self.a.api.count("AssociateAddress"), 2)

    def test_an_api_that_was_away_is_used_when_it_is_back(self):
        self.a.start()
        self.a.api.spoil("any", "cut", 1000)
        self.a.says("MASTER")
        eventually("five tries", lambda: self.a.api.count("AssociateAddress") >= 5)
        self.assertEqual(self.a.log().count("event=failed"), 1, "logged once, not at each try")
        self.a.api.faults.clear()
        eventually("the address moves", self.a.holds)

    def test_a_standby_says_that_the_api_is_away_before_it_is_needed(self):
        self.a.start()
        self.a.api.spoil("any", "cut", 1000)
        eventually("it says so", lambda: "event=failed" in self.a.log())
        self.a.api.faults.clear()
        eventually("and that it is back", lambda: self.a.log().count("event=watching") == 2)

    def test_an_answer_from_before_the_move_is_no_loss(self):
        self.b.steals()
        self.a.start()
        self.a.api.spoil("DescribeAddresses", "stale", 2)
        self.a.becomes_holder()
        eventually("it waits for EC2 to agree", lambda: "event=settling" in self.a.log())
        eventually("it knows that it has the address", lambda: "event=holding" in self.a.log())
        self.assertNotIn("event=lost", self.a.log())
        self.assertEqual(self.a.api.count("AssociateAddress"), 1)

    def test_an_endpoint_in_a_zone_that_is_gone_does_not_use_up_the_time_for_a_call(self):
        config = mock.Mock(region=REGION, api_timeout_sec=3)
        keys = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"}
        with silent_address() as gone, mock.patch.dict("os.environ", keys):
            found = [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", end) for end in (gone, ("127.0.0.1", self.region.port))
            ]
            client = eip_keeper.ec2_client(config, endpoint_url="http://ec2.test")
            begun = time.monotonic()
            with mock.patch("socket.getaddrinfo", lambda *_, **__: found):
                client.describe_addresses()
        self.assertLess(time.monotonic() - begun, config.api_timeout_sec)

    def test_leaving_master_ends_the_tries(self):
        self.a.start()
        self.a.api.spoil("any", "cut", 1000)
        self.a.says("MASTER")
        eventually("two tries", lambda: self.a.api.count("AssociateAddress") >= 2)
        self.a.says("BACKUP")
        eventually("the keeper heard", lambda: "state=BACKUP" in self.a.log())
        self.a.api.faults.clear()
        self.holds_for(1, "the address stays", self.b.holds)

    def test_an_address_that_was_allocated_anew_is_found_by_its_tags(self):
        self.a.start(interval_sec=60)
        self.region.ec2.release_address(AllocationId=self.region.allocation)
        self.region.allocation = self.region.new_address()
        self.a.becomes_holder()

    def test_two_addresses_with_the_same_tags_are_refused(self):
        self.region.new_address()
        self.a.start()
        self.assertIn("2 addresses with", self.a.log())
        self.a.says("MASTER")
        self.holds_for(0.7, "the address stays", self.b.holds)
        self.assertEqual(self.a.api.count("AssociateAddress"), 0)

    def test_metadata_and_credentials_may_come_later_than_the_keeper(self):
        self.a.metadata.up = False
        self.a.start()
        self.assertIn("event=failed", self.a.log())
        self.a.metadata.up = True
        self.a.becomes_holder()

    def test_credentials_may_come_later_than_the_identity(self):
        role = self.a.metadata.pages.pop("iam/security-credentials/proxy")
        self.a.start()
        self.assertIn("Unable to locate credentials", self.a.log())
        self.a.metadata.pages["iam/security-credentials/proxy"] = role
        self.a.becomes_holder()
