"""Whether a node may apply a new bundle, from what the others report."""

import sys
import unittest
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "salt" / "converge" / "files"))

from registry_cluster_rollout import hold_reason

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def at(minutes):
    return f"{NOW + timedelta(minutes=minutes):%FT%TZ}"


def report(result, minutes=-10, bundle="new"):
    until = {"until": at(minutes + 30)} if result == "applying" else {}
    return {"bundle": bundle, "runs": "old", "result": result, "time": at(minutes), **until}


class HoldReason(unittest.TestCase):
    def reason(self, reports, control=None):
        return hold_reason("b", "new", {"a", "b", "c"}, reports, control or {}, NOW)

    def test_nobody_has_reported_yet(self):
        self.assertIsNone(self.reason({}))

    def test_the_others_work_with_it(self):
        self.assertIsNone(self.reason({"a": report("good"), "c": report("good")}))

    def test_another_bundle_failed(self):
        self.assertIsNone(self.reason({"a": report("failed", bundle="other")}))

    def test_it_failed_on_another_node(self):
        self.assertRegex(self.reason({"a": report("failed"), "c": report("good")}), "^it failed on a: .* retry")

    def test_it_failed_here(self):
        self.assertRegex(self.reason({"b": report("failed")}), "^it failed on b: ")

    def test_it_failed_on_a_node_that_no_longer_exists(self):
        self.assertIsNone(self.reason({"gone": report("failed")}))

    def test_the_operator_wants_another_try_of_what_failed_before(self):
        reports = {"a": report("failed", -10)}
        self.assertIsNone(self.reason(reports, {"retriedAt": at(-9)}))
        self.assertIsNotNone(self.reason(reports, {"retriedAt": at(-11)}))

    def test_another_node_is_applying_it(self):
        self.assertEqual(self.reason({"a": report("applying", -29)}), "a is applying it")

    def test_another_node_began_and_never_finished(self):
        self.assertRegex(self.reason({"a": report("applying", -31)}), "^it failed on a: ")

    def test_this_node_began_and_never_finished(self):
        for minutes in (-1, -31):
            self.assertIsNone(self.reason({"b": report("applying", minutes)}))

    def test_the_operator_paused_it(self):
        self.assertRegex(self.reason({}, {"paused": True}), "^the rollout is paused: .* resume")


if __name__ == "__main__":
    unittest.main()
