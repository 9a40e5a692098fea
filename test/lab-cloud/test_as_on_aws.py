"""What `--as-on-aws` changes: delays and limits of AWS."""

import json
import unittest

from account import REGION, AccountTest

import support  # noqa: F401  puts the programs on the path

from cloud.calls import Call
from cloud.gateway import PublicAddress
from cloud.late_policies import CloudOfSlowIam
from cloud.own_addresses import OwnAddresses
from cloud.pace import AsOnAws, Pace, pace_of
from cloud.routes import Routes

AT_A = PublicAddress("10.81.0.129", "10.80.1.10")
AT_B = PublicAddress("10.81.0.129", "10.80.1.11")


def call(action, service="ec2", **parameters):
    return Call(service, action, parameters, None, None, "10.80.1.10")


class Clock:
    """Stands still until a test moves it; then it does what was to be done by then."""

    def __init__(self):
        self.now = 0.0
        self._due = []

    def __call__(self):
        return self.now

    def later(self, seconds, act):
        self._due.append((self.now + seconds, act))

    def go_on_until(self, now):
        self.now = now
        for entry in sorted((due for due in self._due if due[0] <= now), key=lambda due: due[0]):
            self._due.remove(entry)
            entry[1]()


class PaceTest(unittest.TestCase):
    def test_moving_an_address_takes_one_to_three_seconds_and_nothing_else_does(self):
        aws = AsOnAws(seed=1)
        seconds = [aws.call_seconds(call("AssociateAddress")) for _ in range(500)]
        self.assertTrue(1 <= min(seconds) < 1.1 and 2.9 < max(seconds) <= 3)
        self.assertEqual(aws.call_seconds(call("DescribeAddresses")), 0)

    def test_packets_follow_after_one_to_five_seconds(self):
        seconds = [AsOnAws(seed).route_seconds() for seed in range(500)]
        self.assertTrue(1 <= min(seconds) < 1.1 and 4.9 < max(seconds) <= 5)

    def test_the_same_seed_gives_the_same_delays(self):
        def delays(seed):
            aws = AsOnAws(seed)
            return [(aws.call_seconds(call("AssociateAddress")), aws.route_seconds()) for _ in range(5)]

        self.assertEqual(delays(7), delays(7))
        self.assertNotEqual(delays(7), delays(8))

    def test_without_a_seed_nothing_takes_time_or_is_refused(self):
        lab = pace_of(None)
        self.assertIs(type(lab), Pace)
        self.assertEqual((lab.call_seconds(call("AssociateAddress")), lab.route_seconds(), lab.iam_seconds), (0, 0, 0))
        self.assertFalse(any(lab.throttles(call("AssociateAddress")) for _ in range(1000)))


class ThrottlingTest(unittest.TestCase):
    def setUp(self):
        self.clock = Clock()
        self.aws = AsOnAws(1, self.clock)

    def answered(self, of, **what):
        return sum(not self.aws.throttles(call(**what)) for _ in range(of))

    def test_an_action_of_ec2_has_a_burst_and_then_a_rate(self):
        for what, burst, rate in (
            ({"action": "AssociateAddress"}, 50, 5),
            ({"action": "DescribeAddresses", "Filter.1.Name": "tag:Role"}, 100, 20),
            ({"action": "DescribeInstances"}, 50, 10),
        ):
            with self.subTest(**what):
                self.assertEqual(self.answered(200, **what), burst)
                self.clock.now += 1
                self.assertEqual(self.answered(200, **what), rate)

    def test_one_action_does_not_use_up_anothers_tokens(self):
        self.answered(200, action="AssociateAddress")
        self.assertEqual(self.answered(1, action="ReleaseAddress"), 1)

    def test_a_bucket_does_not_hold_more_than_its_burst(self):
        self.clock.now = 1_000_000
        self.assertEqual(self.answered(200, action="AssociateAddress"), 50)

    def test_all_of_the_parameter_store_has_one_rate(self):
        self.assertEqual(self.answered(30, action="GetParameter", service="ssm"), 30)
        self.assertEqual(self.answered(30, action="PutParameter", service="ssm"), 10)

    def test_services_without_published_limits_have_none(self):
        self.assertEqual(self.answered(500, action="GetRole", service="iam"), 500)


class RoutesTest(unittest.TestCase):
    def setUp(self):
        self.clock, self.applied, self.delays = Clock(), [], []
        self.routes = Routes(self.applied.append, lambda: self.delays.pop(0), self.clock.later)

    def test_packets_take_the_old_route_until_the_new_one_arrives(self):
        self.delays = [2]
        self.routes.follow([AT_A])
        self.clock.go_on_until(1.9)
        self.assertEqual(self.applied, [])
        self.clock.go_on_until(2)
        self.assertEqual(self.applied, [[AT_A]])

    def test_without_delay_the_new_route_is_there_before_the_caller_hears_of_it(self):
        self.delays = [0]
        self.routes.follow([AT_A])
        self.assertEqual(self.applied, [[AT_A]])

    def test_a_change_that_is_overtaken_does_not_come_back(self):
        self.delays = [5, 1]
        self.routes.follow([AT_A])
        self.routes.follow([AT_B])
        self.clock.go_on_until(10)
        self.assertEqual(self.applied, [[AT_B]])

    def test_what_is_no_change_has_no_delay_to_draw(self):
        self.delays = [1]
        self.routes.follow([AT_A])
        self.routes.follow([AT_A])
        self.assertEqual(self.delays, [])


class SlowIamTest(AccountTest):
    def setUp(self):
        super().setUp()
        self.clock = Clock()
        self.slow = CloudOfSlowIam(REGION, 10, self.clock)
        self.iam.create_role(RoleName="proxy", AssumeRolePolicyDocument="{}")

    def allowed(self, now):
        self.clock.now = now
        return [document["Statement"][0]["Action"] for document in self.slow.role_policies("proxy")]

    def allow(self, action):
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
        self.iam.put_role_policy(RoleName="proxy", PolicyName="p", PolicyDocument=json.dumps(document))
        self.slow.remember_policies()

    def test_a_permission_acts_ten_seconds_after_it_was_given(self):
        self.allow("ec2:AssociateAddress")
        self.assertEqual(self.allowed(9.9), [])
        self.assertEqual(self.allowed(10), ["ec2:AssociateAddress"])

    def test_a_permission_acts_ten_seconds_longer_than_it_is_given(self):
        self.allow("ec2:AssociateAddress")
        self.clock.now = 60
        self.allow("ec2:DescribeAddresses")
        self.assertEqual(self.allowed(69.9), ["ec2:AssociateAddress"])
        self.assertEqual(self.allowed(70), ["ec2:DescribeAddresses"])

    def test_a_second_change_does_not_delay_the_first(self):
        self.allow("ec2:AssociateAddress")
        self.clock.now = 5
        self.allow("ec2:DescribeAddresses")
        self.assertEqual(self.allowed(10), ["ec2:AssociateAddress"])
        self.assertEqual(self.allowed(15), ["ec2:DescribeAddresses"])


class OwnAddressTest(AccountTest):
    """An instance in a public subnet, which has a public address of its own."""

    def setUp(self):
        super().setUp()
        self.ec2.modify_subnet_attribute(SubnetId=self.subnet, MapPublicIpOnLaunch={"Value": True})
        self.clock = Clock()
        self.own_addresses = OwnAddresses(self.cloud, lambda: 120, self.clock.later)
        self.node = self.run_node("a", "10.80.1.10")
        self.id = self.node["InstanceId"]
        self.own = self.public_ip()
        self.address = self.allocate()

    def public_ip(self):
        found = self.ec2.describe_instances(InstanceIds=[self.id])["Reservations"][0]["Instances"][0]
        return found.get("PublicIpAddress")

    def move_to(self, instance):
        self.ec2.associate_address(AllocationId=self.address["AllocationId"], InstanceId=instance)
        self.own_addresses.look()

    def give_away(self):
        self.move_to(self.id)
        self.move_to(self.run_node("b", "10.80.1.11")["InstanceId"])

    def test_it_is_gone_when_the_instance_gets_an_elastic_ip(self):
        self.move_to(self.id)
        self.clock.go_on_until(1000)
        self.assertEqual(self.public_ip(), self.address["PublicIp"])

    def test_another_one_comes_minutes_after_the_elastic_ip_has_left(self):
        self.give_away()
        self.clock.go_on_until(119)
        self.assertIsNone(self.public_ip())
        self.clock.go_on_until(120)
        self.assertNotIn(self.public_ip(), (None, self.own, self.address["PublicIp"]))

    def test_none_comes_if_the_elastic_ip_is_back_by_then(self):
        self.give_away()
        self.move_to(self.id)
        self.clock.go_on_until(1000)
        self.assertEqual(self.public_ip(), self.address["PublicIp"])

    def test_none_comes_while_the_instance_is_stopped(self):
        self.give_away()
        self.ec2.stop_instances(InstanceIds=[self.id])
        self.clock.go_on_until(1000)
        self.assertIsNone(self.public_ip())

    def test_another_one_comes_at_once_after_stop_and_start(self):
        self.ec2.stop_instances(InstanceIds=[self.id])
        self.assertIsNone(self.public_ip())
        self.ec2.start_instances(InstanceIds=[self.id])
        self.assertNotIn(self.public_ip(), (None, self.own))

    def test_an_elastic_ip_outlives_stop_and_start(self):
        self.move_to(self.id)
        self.ec2.stop_instances(InstanceIds=[self.id])
        self.ec2.start_instances(InstanceIds=[self.id])
        self.assertEqual(self.public_ip(), self.address["PublicIp"])

    def test_an_instance_of_a_private_subnet_never_has_one(self):
        self.ec2.modify_subnet_attribute(SubnetId=self.subnet, MapPublicIpOnLaunch={"Value": False})
        self.id = self.run_node("c", "10.80.1.12")["InstanceId"]
        self.own_addresses.look()
        self.clock.go_on_until(1000)
        self.assertIsNone(self.public_ip())

    def test_an_immediate_lab_gives_no_second_one(self):
        self.own_addresses = OwnAddresses(self.cloud, Pace().own_address_seconds, self.clock.later)
        self.give_away()
        self.clock.go_on_until(1000)
        self.assertIsNone(self.public_ip())


if __name__ == "__main__":
    unittest.main()
