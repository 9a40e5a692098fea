"""What moves the address, and what does not."""

import time

from world import KeeperCase, eventually


class Moving(KeeperCase):
    def both_become_masters(self, interval_sec):
        """The second one has the address, and the first one has noticed."""
        for node in (self.a, self.b):
            node.start(interval_sec=interval_sec)
            node.becomes_holder()
        eventually("the first one sees it", lambda: "peer=serving-master" in self.a.log())

    def test_a_new_master_takes_the_address_with_one_call_and_without_looking(self):
        self.a.start(interval_sec=60)
        looked = len(self.a.api.calls)
        self.a.becomes_holder()
        self.assertEqual([call["Action"] for call in self.a.api.calls[looked:]], ["AssociateAddress"])
        call = self.a.api.calls[-1]
        self.assertEqual(call["AllocationId"], self.region.allocation)
        self.assertEqual(call["NetworkInterfaceId"], self.a.interface)
        self.assertEqual(call["PrivateIpAddress"], self.a.address)
        self.assertEqual(call["AllowReassociation"], "true")

    def test_the_call_goes_over_the_connection_that_was_opened_at_start(self):
        self.a.start(interval_sec=60)
        self.a.becomes_holder()
        self.assertEqual(self.a.api.connections, 1)

    def test_a_standby_never_takes_the_address(self):
        self.a.start()
        self.a.says("BACKUP")
        self.holds_for(1, "the address stays", self.b.holds)

    def test_only_the_last_of_several_quick_changes_counts(self):
        self.a.start(interval_sec=60)
        self.a.says("MASTER", "BACKUP")
        self.holds_for(0.5, "the address stays", self.b.holds)
        self.a.says("MASTER", "BACKUP", "MASTER")
        eventually("the address moves", self.a.holds)
        self.assertEqual(self.a.api.count("AssociateAddress"), 1)

    def test_a_change_that_comes_during_a_slow_call_is_obeyed_after_it(self):
        self.a.start(interval_sec=60)
        self.b.start(interval_sec=60)
        self.a.api.spoil("AssociateAddress", "slow", 1)
        self.a.says("MASTER")
        eventually("the call is under way", lambda: self.a.api.count("AssociateAddress") == 1)
        self.a.says("BACKUP", "MASTER", "BACKUP")
        eventually("the call was carried out", self.a.holds)
        self.b.becomes_holder()
        self.holds_for(0.5, "the address stays", self.b.holds)

    def test_an_address_that_is_already_here_is_not_taken_again(self):
        self.a.start()
        self.a.becomes_holder()
        self.a.stop()
        looked = self.a.api.count("DescribeAddresses")
        self.a.start()
        eventually("three more looks", lambda: self.a.api.count("DescribeAddresses") >= looked + 3)
        self.assertEqual(self.a.api.count("AssociateAddress"), 1)

    def test_an_address_stolen_from_the_master_comes_back_within_the_interval(self):
        self.a.start(interval_sec=0.5)
        self.a.becomes_holder()
        self.b.steals()
        eventually("the address comes back", self.a.holds, 2)
        self.assertEqual(self.a.api.count("AssociateAddress"), 2)

    def test_a_master_that_hears_a_lower_priority_takes_the_address_once(self):
        self.a.start(interval_sec=60)
        self.a.says(*["MASTER_RX_LOWER_PRI"] * 7)
        eventually("the address moves", self.a.holds)
        self.a.says(*["MASTER_RX_LOWER_PRI"] * 7)
        time.sleep(0.5)
        self.assertEqual(self.a.api.count("AssociateAddress"), 1)

    def test_a_node_in_fault_leaves_the_address_alone(self):
        self.a.start()
        self.a.becomes_holder()
        self.a.says("FAULT")
        eventually("the keeper heard", lambda: "state=FAULT" in self.a.log())
        self.b.steals()
        self.holds_for(1, "the address stays", self.b.holds)

    def test_groups_and_other_instances_do_not_count(self):
        self.a.start()
        self.a.hears('INSTANCE "other" MASTER 100\nGROUP "service" MASTER 0\nGROUP "service" MASTER_RX_LOWER_PRI 0\n')
        self.a.says("FAULT")
        eventually("the lines were read", lambda: "state=FAULT was=BACKUP" in self.a.log())
        self.assertEqual(self.a.api.count("AssociateAddress"), 0)

    def test_two_masters_leave_the_address_where_it_is_served(self):
        self.both_become_masters(interval_sec=0.1)
        self.holds_for(1.5, "the address stays", self.b.holds)
        self.assertEqual(self.a.api.count("AssociateAddress"), 1)

    def test_a_master_takes_the_address_from_another_one_that_does_not_serve_any_more(self):
        self.both_become_masters(interval_sec=0.3)
        self.b.nginx.status = 503
        eventually("the address moves", self.a.holds)

    def test_a_master_takes_the_address_from_one_that_is_no_longer_master(self):
        self.both_become_masters(interval_sec=0.3)
        self.b.says("BACKUP")
        eventually("the address moves", self.a.holds)

    def test_a_master_that_lost_the_address_time_and_again_takes_it_from_a_standby_at_once(self):
        self.a.start(interval_sec=0.2)
        self.b.start(interval_sec=60)
        self.a.becomes_holder()
        for number in range(1, 8):
            self.b.steals()
            eventually("the loss is seen", lambda number=number: f"losses={number}" in self.a.log())
            eventually("the address comes back", self.a.holds, 0.5)

    def test_an_address_that_nobody_has_is_taken_in_spite_of_losses(self):
        self.a.start(interval_sec=0.2, peerUrl="http://127.0.0.1:1/master")
        self.a.becomes_holder()
        for number in range(1, 6):
            eventually("the address comes back", self.a.holds)
            self.b.steals()
            eventually("the loss is seen", lambda number=number: f"losses={number}" in self.a.log())
        self.region.disassociate()
        eventually("the address is taken long before the wait is over", self.a.holds, 1)

    def test_a_keeper_that_starts_shows_what_it_knows(self):
        self.a.start()
        self.a.becomes_holder()
        self.a.stop()
        self.a.master_file.unlink()
        self.a.start()
        eventually("it says that it is master", self.a.master_file.exists)
        self.a.stop()
        self.a.kill_keepalived()
        self.a.start()
        eventually("it says so no more", lambda: not self.a.master_file.exists())

    def test_two_masters_that_do_not_reach_each_other_settle(self):
        for node in (self.a, self.b):
            node.start(interval_sec=0.1, peerUrl="http://127.0.0.1:1/master")
        self.a.says("MASTER")
        self.b.says("MASTER")
        time.sleep(2.5)
        moves = self.a.api.count("AssociateAddress") + self.b.api.count("AssociateAddress")
        self.assertGreater(moves, 2, "both tried")
        self.assertLess(moves, 17, "without patience it would be about 25")
        # Asked once: between two questions the address may move.
        self.assertIn(self.region.holder(), (self.a.interface, self.b.interface))

    def test_a_master_with_a_broken_nginx_does_not_take_the_address_until_it_is_mended(self):
        self.a.start()
        self.a.nginx.status = 503
        self.a.says("MASTER")
        self.holds_for(1, "the address stays", self.b.holds)
        self.assertEqual(self.a.api.count("AssociateAddress"), 0)
        self.a.nginx.status = 200
        eventually("the address moves", self.a.holds)

    def test_a_master_without_any_nginx_does_not_take_the_address(self):
        self.a.start()
        self.a.nginx.close()
        self.a.says("MASTER")
        self.holds_for(1, "the address stays", self.b.holds)
        self.assertEqual(self.a.api.count("AssociateAddress"), 0)
