"""The decisions by themselves, in simulated time."""

import random
import unittest
from dataclasses import replace
from itertools import pairwise

import world  # noqa: F401  (finds the keeper)

from eip_keeper import CALM_SEC, MAX_HOLD_OFF_SEC, SETTLE_INTERVALS, Peer, State

DAY_SEC = 24 * 3600
HOUR_SEC = 3600
SETTLE_SEC = 5 * SETTLE_INTERVALS


def simulate_two_masters(until_sec, interval=5.0):
    """Times at which the address moved between two masters that cannot hear each other."""
    dice = random.Random(1)
    nodes = {name: State(interval).heard("MASTER", offset).took(offset) for name, offset in (("a", 0.0), ("b", 0.3))}
    holder, moves, now = "b", [0.0, 0.3], 0.0
    while (now := min(node.due for node in nodes.values())) < until_sec:
        name = min(nodes, key=lambda candidate: nodes[candidate].due)
        node = nodes[name].saw(holder, name, now, dice.random())
        if node.misses(holder, name, now) and node.takes_from(Peer.SILENT, now):
            node, holder = node.took(now), name
            moves.append(now)
        nodes[name] = node
    return moves


class TwoMasters(unittest.TestCase):
    def test_they_move_the_address_less_and_less_often(self):
        moves = simulate_two_masters(HOUR_SEC)
        self.assertLess(sum(move < 60 for move in moves), 12)
        self.assertLess(sum(move >= HOUR_SEC / 2 for move in moves), 6)

    def test_after_that_one_moves_it_once_in_several_minutes_at_most(self):
        moves = [move for move in simulate_two_masters(DAY_SEC) if move > HOUR_SEC]
        shortest = min(later - earlier for earlier, later in pairwise(moves))
        self.assertGreaterEqual(shortest, MAX_HOLD_OFF_SEC / 2)

    def test_an_address_is_never_left_with_a_silent_holder_for_longer_than_15_minutes(self):
        node = State(5).heard("MASTER", 0).took(0)
        for _ in range(40):
            node = node.saw("other", "me", node.due, 0.999)
            self.assertTrue(node.takes_from(Peer.SILENT, node.due + MAX_HOLD_OFF_SEC))
            node = replace(node.took(node.due), due=node.due + SETTLE_SEC)


class StaleReads(unittest.TestCase):
    """EC2 may answer for a while as if the address had not moved yet."""

    def took_from(self, holder):
        return State(5).saw(holder, "me", 0, 0.5).heard("MASTER", 10).took(10)

    def test_the_holder_before_the_take_is_not_taken_for_a_new_one(self):
        for holder in ("other", None):
            node = self.took_from(holder)
            for now in (10, 15, 10 + SETTLE_SEC - 1):
                with self.subTest(holder=holder, now=now):
                    self.assertEqual(node.saw(holder, "me", now, 0.5), replace(node, due=now + 5))
                    self.assertFalse(node.saw(holder, "me", now, 0.5).misses(holder, "me", now))

    def test_after_a_while_it_is(self):
        now = 10 + SETTLE_SEC
        node = self.took_from("other").saw("other", "me", now, 0.5)
        self.assertEqual(node.losses, 1)
        self.assertTrue(node.misses("other", "me", now))

    def test_any_other_holder_is_a_loss_at_once(self):
        node = self.took_from("other").saw("third", "me", 11, 0.5)
        self.assertEqual(node.losses, 1)
        self.assertTrue(node.misses("third", "me", 11))

    def test_its_own_hold_is_none_when_it_takes_what_it_has(self):
        node = self.took_from("me")
        self.assertFalse(node.is_stale("me", "me", 11))
        self.assertEqual(node.saw("me", "me", 11, 0.5).settles_at, 0)

    def test_once_the_move_was_seen_the_old_holder_is_a_loss_at_once(self):
        node = self.took_from("other").saw("me", "me", 11, 0.5).saw("other", "me", 12, 0.5)
        self.assertEqual(node.losses, 1)
        self.assertTrue(node.misses("other", "me", 12))


class Losses(unittest.TestCase):
    def lost(self, times, held_sec=SETTLE_SEC):
        """A master that has lost the address so many times."""
        node = State(5).heard("MASTER", 0).took(0)
        for number in range(times):
            now = node.held_since + held_sec
            node = node.saw("other", "me", now, 0.5)
            if number + 1 < times:
                node = node.took(node.leave_until)
        return node, now

    def test_the_first_loss_is_made_good_at_once(self):
        node, now = self.lost(1)
        self.assertTrue(node.takes_from(Peer.SILENT, now))

    def test_the_second_loss_is_left_alone_for_a_while(self):
        node, now = self.lost(2)
        self.assertFalse(node.takes_from(Peer.SILENT, now))
        self.assertTrue(node.takes_from(Peer.SILENT, now + 10))

    def test_an_address_with_one_that_says_it_is_no_master_is_taken_in_spite_of_losses(self):
        node, now = self.lost(5)
        self.assertTrue(node.takes_from(Peer.NO_MASTER, now))

    def test_an_address_with_a_serving_master_is_left_there(self):
        node, now = self.lost(1)
        self.assertFalse(node.takes_from(Peer.SERVING_MASTER, now + DAY_SEC))

    def test_a_silent_peer_that_never_hears_this_node_does_not_hasten_it(self):
        node, now = self.lost(5)
        while (now := now + 0.1) < node.leave_until:
            self.assertEqual(node.heard("MASTER_RX_LOWER_PRI", now), node)

    def test_a_new_election_forgets_losses(self):
        node, now = self.lost(5)
        node = node.heard("BACKUP", now).heard("MASTER", now)
        self.assertEqual((node.losses, node.rush, node.due), (0, True, now))

    def test_blips_with_quiet_times_between_them_are_each_made_good_at_once(self):
        node, now = self.lost(5, held_sec=CALM_SEC)
        self.assertTrue(node.takes_from(Peer.SILENT, now))


class Events(unittest.TestCase):
    def test_a_lower_priority_heard_long_after_taking_is_acted_on_at_once(self):
        node = State(5).heard("MASTER", 0).took(0).heard("MASTER_RX_LOWER_PRI", CALM_SEC)
        self.assertEqual((node.rush, node.due), (True, CALM_SEC))

    def test_a_lower_priority_heard_just_after_taking_is_left_to_the_timer(self):
        node = State(5).heard("MASTER", 0).took(0)
        self.assertEqual(node.heard("MASTER_RX_LOWER_PRI", 1), node)

    def test_a_lower_priority_heard_while_trying_does_not_hasten_the_tries(self):
        node = State(5).heard("MASTER", 0).failed(0, 0.5)
        self.assertEqual(node.heard("MASTER_RX_LOWER_PRI", 0), node)

    def test_a_deaf_peer_that_is_heard_all_the_time_causes_a_call_in_five_minutes_at_most(self):
        node, calls = State(5).heard("MASTER", 0).took(0), 0
        for now in range(HOUR_SEC):
            node = node.heard("MASTER_RX_LOWER_PRI", now)
            if node.rush:
                node, calls = node.took(now), calls + 1
        self.assertEqual(calls, 11)

    def test_a_change_of_priority_changes_nothing(self):
        node = State(5).heard("MASTER", 0)
        self.assertEqual(node.heard("MASTER_PRIORITY", 1), node)

    def test_whoever_is_not_master_never_misses_the_address(self):
        for word in ("BACKUP", "FAULT", "STOP", "DELETED"):
            with self.subTest(word):
                self.assertFalse(State(5).heard("MASTER", 0).heard(word, 1).misses(None, "me", 1))


class Retries(unittest.TestCase):
    def test_they_slow_down_to_one_per_interval(self):
        node, pauses = State(5).heard("MASTER", 0), []
        for _ in range(30):
            pauses.append((later := node.failed(0, 0.999)).due)
            node = later
        self.assertEqual([round(pause, 1) for pause in pauses[:6]], [0.2, 0.4, 0.8, 1.6, 3.2, 5.0])
        self.assertLessEqual(max(pauses), 5)

    def test_they_slow_down_also_when_the_api_works_and_nginx_does_not(self):
        node = State(5).heard("MASTER", 0)
        for _ in range(10):
            node = node.saw("other", "me", node.due, 0.5).failed(node.due, 0.5)
        self.assertEqual(node.failures, 10)

    def test_they_are_quick_again_once_the_address_is_here(self):
        slow = State(5).heard("MASTER", 0)
        for _ in range(10):
            slow = slow.failed(0, 0.5)
        for name, node in {"taken": slow.took(100), "seen here": slow.saw("me", "me", 100, 0.5)}.items():
            with self.subTest(name):
                self.assertEqual(node.failures, 0)
                self.assertLess(node.failed(200, 0.999).due, 200.3)

    def test_they_are_quick_again_when_keepalived_decides_anew(self):
        slow = State(5).heard("MASTER", 0)
        for _ in range(10):
            slow = slow.failed(0, 0.5)
        self.assertEqual(slow.heard("BACKUP", 1).heard("MASTER", 2).failures, 0)
