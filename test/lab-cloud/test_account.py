"""The account as nodes meet it: moto with our mends, by the requests of the AWS SDK."""

import json
import unittest
from datetime import UTC, datetime, timedelta

from account import REGION, AccountTest
from botocore.exceptions import ClientError

from support import settings

from cloud.addresses import public_addresses
from cloud.authorization import Authorization
from cloud.calls import Call
from cloud.metadata import metadata_at
from cloud.s3_identity import S3Identity, signing_key


class ElasticIpTest(AccountTest):
    def interface_of(self, node):
        return node["NetworkInterfaces"][0]["NetworkInterfaceId"]

    def public_ip_of(self, node):
        found = self.ec2.describe_instances(InstanceIds=[node["InstanceId"]])
        return found["Reservations"][0]["Instances"][0].get("PublicIpAddress")

    def holder_of(self, address):
        found = self.ec2.describe_addresses(AllocationIds=[address["AllocationId"]])["Addresses"][0]
        return found.get("InstanceId"), found.get("PrivateIpAddress")

    def test_addresses_come_from_the_pool_in_order(self):
        self.assertEqual([self.allocate()["PublicIp"] for _ in range(2)], ["10.81.0.129", "10.81.0.130"])

    def test_a_released_address_is_handed_out_again(self):
        self.ec2.release_address(AllocationId=self.allocate()["AllocationId"])
        self.assertEqual(self.allocate()["PublicIp"], "10.81.0.129")

    def test_an_address_outside_of_the_pool_is_refused(self):
        with self.assertRaisesRegex(ClientError, "InvalidAddress.NotFound"):
            self.allocate(Address="203.0.113.7")

    def test_an_address_is_found_by_its_tags(self):
        self.allocate("bastion")
        service = self.allocate("service-address")
        found = self.ec2.describe_addresses(
            Filters=[
                {"Name": "tag:Cluster", "Values": ["demo"]},
                {"Name": "tag:Role", "Values": ["service-address"]},
            ]
        )["Addresses"]
        self.assertEqual([a["AllocationId"] for a in found], [service["AllocationId"]])

    def test_an_address_moves_without_being_asked_to_allow_it(self):
        a, b, address = self.run_node("a", "10.80.1.10"), self.run_node("b", "10.80.1.11"), self.allocate()
        for node in (a, b):
            self.ec2.associate_address(AllocationId=address["AllocationId"], NetworkInterfaceId=self.interface_of(node))
        self.assertEqual(self.holder_of(address), (b["InstanceId"], "10.80.1.11"))

    def test_an_address_stays_when_the_caller_forbids_the_move(self):
        a, b, address = self.run_node("a", "10.80.1.10"), self.run_node("b", "10.80.1.11"), self.allocate()
        self.ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=a["InstanceId"])
        with self.assertRaisesRegex(ClientError, "Resource.AlreadyAssociated"):
            self.ec2.associate_address(
                AllocationId=address["AllocationId"], InstanceId=b["InstanceId"], AllowReassociation=False
            )
        self.assertEqual(self.holder_of(address), (a["InstanceId"], "10.80.1.10"))

    def test_the_old_holder_loses_its_public_address(self):
        a, b, address = self.run_node("a", "10.80.1.10"), self.run_node("b", "10.80.1.11"), self.allocate()
        for node in (a, b):
            self.ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=node["InstanceId"])
        self.assertEqual((self.public_ip_of(a), self.public_ip_of(b)), (None, address["PublicIp"]))

    def test_associating_again_with_the_holder_changes_nothing(self):
        a, address = self.run_node("a", "10.80.1.10"), self.allocate()
        first, second = (
            self.ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=a["InstanceId"])
            for _ in range(2)
        )
        self.assertEqual(first["AssociationId"], second["AssociationId"])

    def test_a_second_address_takes_the_place_of_the_first(self):
        a, first, second = self.run_node("a", "10.80.1.10"), self.allocate(), self.allocate()
        for address in (first, second):
            self.ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=a["InstanceId"])
        self.assertFalse(any(self.holder_of(first)))
        self.assertEqual(self.holder_of(second), (a["InstanceId"], "10.80.1.10"))

    def test_a_terminated_holder_gives_the_address_up(self):
        a, address = self.run_node("a", "10.80.1.10"), self.allocate()
        self.ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=a["InstanceId"])
        self.ec2.terminate_instances(InstanceIds=[a["InstanceId"]])
        self.assertFalse(any(self.holder_of(address)))

    def test_an_automatic_public_address_lies_in_the_pool_too(self):
        self.ec2.modify_subnet_attribute(SubnetId=self.subnet, MapPublicIpOnLaunch={"Value": True})
        node = self.run_node("a", "10.80.1.10")
        self.assertEqual(self.public_ip_of(node), "10.81.0.254")

    def test_the_gateway_learns_role_and_holder(self):
        a, address = self.run_node("a", "10.80.1.10"), self.allocate("bastion")
        self.ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=a["InstanceId"])
        (known,) = public_addresses(self.cloud.ec2)
        self.assertEqual((known.public_ip, known.private_ip, known.role), ("10.81.0.129", "10.80.1.10", "bastion"))


class AuthorizationTest(AccountTest):
    """A proxy that may move the service's address to proxies, and read its own secrets."""

    def setUp(self):
        super().setUp()
        self.iam.create_role(RoleName="proxy", AssumeRolePolicyDocument=json.dumps({"Statement": []}))
        statements = [
            {
                "Effect": "Allow",
                "Action": "ec2:AssociateAddress",
                "Resource": ["arn:aws:ec2:*:*:elastic-ip/*", "arn:aws:ec2:*:*:instance/*"],
                "Condition": {"StringEquals": {"aws:ResourceTag/Cluster": "demo"}},
            },
            {"Effect": "Allow", "Action": "ec2:DescribeAddresses", "Resource": "*"},
            {
                "Effect": "Allow",
                "Action": ["ssm:GetParameter", "ssm:GetParameters"],
                "Resource": "arn:aws:ssm:eu-west-1:123456789012:parameter/demo/proxy/*",
            },
        ]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.iam.put_role_policy(RoleName="proxy", PolicyName="all", PolicyDocument=document)
        self.iam.create_instance_profile(InstanceProfileName="proxy")
        self.iam.add_role_to_instance_profile(InstanceProfileName="proxy", RoleName="proxy")
        self.node = self.run_node("proxy-1", "10.80.1.10", IamInstanceProfile={"Name": "proxy"})
        self.session = self.sessions.of_instance(self.cloud.instance_at("10.80.1.10"))
        self.authorization = Authorization(settings(), self.cloud, self.sessions)

    def refusal(self, service, action, source="10.80.1.10", **changes):
        parameters = changes.pop("parameters", {})
        signed_at = changes.pop("signed_at", None)
        keys = {
            "access_key_id": self.session.assumed.access_key_id,
            "session_token": self.session.assumed.session_token,
            **changes,
        }
        return self.authorization.refuse(Call(service, action, parameters, source=source, signed_at=signed_at, **keys))

    def test_a_role_calls_what_its_policies_allow(self):
        self.assertIsNone(self.refusal("ec2", "DescribeAddresses"))

    def endpoint(self, service, **allowed):
        statement = {"Effect": "Allow", "Principal": "*", "Resource": "*", **allowed}
        self.ec2.create_vpc_endpoint(
            VpcId=self.vpc,
            ServiceName=f"com.amazonaws.{REGION}.{service}",
            VpcEndpointType="Interface",
            SubnetIds=[self.subnet],
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )

    def test_a_role_calls_only_what_the_endpoint_on_its_way_lets_through(self):
        self.endpoint("ec2", Action="ec2:AssociateAddress")
        refusal = self.refusal("ec2", "DescribeAddresses")
        self.assertIn("ec2:DescribeAddresses", refusal.body)

    def test_an_endpoint_may_let_a_role_through_by_its_name(self):
        named = {"ArnEquals": {"aws:PrincipalArn": [self.session.assumed.role_arn]}}
        self.endpoint("ec2", Action="ec2:DescribeAddresses", Condition=named)
        self.assertIsNone(self.refusal("ec2", "DescribeAddresses"))

    def test_an_endpoint_of_another_service_is_on_no_way(self):
        self.endpoint("ssm", Action="ssm:GetParameter")
        self.assertIsNone(self.refusal("ec2", "DescribeAddresses"))

    def test_a_call_is_refused_when_the_callers_clock_is_more_than_5_minutes_off(self):
        now = datetime.now(UTC)
        for off in (timedelta(minutes=-6), timedelta(minutes=6)):
            refusal = self.refusal("ec2", "DescribeAddresses", signed_at=now + off)
            self.assertIn("<Code>RequestExpired</Code>", refusal.body)
        for off in (timedelta(minutes=-4), timedelta(minutes=4)):
            self.assertIsNone(self.refusal("ec2", "DescribeAddresses", signed_at=now + off))

    def test_a_role_calls_nothing_else(self):
        refusal = self.refusal("ec2", "TerminateInstances", parameters={"InstanceId.1": self.node["InstanceId"]})
        self.assertEqual(refusal.status, "403 Forbidden")
        self.assertIn("is not authorized to perform: ec2:TerminateInstances", refusal.body)

    def test_a_role_reads_its_own_secrets_only(self):
        def read(name):
            return self.refusal("ssm", "GetParameter", parameters={"Name": name})

        self.assertIsNone(read("/demo/proxy/server-key"))
        self.assertIn("AccessDeniedException", read("/demo/operator/ca-key").body)

    def test_each_of_several_parameters_must_be_allowed(self):
        names = {"Names": ["/demo/proxy/server-key", "/demo/operator/ca-key"]}
        self.assertIn("operator/ca-key", self.refusal("ssm", "GetParameters", parameters=names).body)

    def test_a_condition_on_tags_is_held(self):
        ours, other = self.allocate()["AllocationId"], self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        self.assertIsNone(self.refusal("ec2", "AssociateAddress", parameters={"AllocationId": ours}))
        refusal = self.refusal("ec2", "AssociateAddress", parameters={"AllocationId": other})
        self.assertIn(f"elastic-ip/{other}", refusal.body)

    def test_every_role_may_ask_who_it_is(self):
        self.assertIsNone(self.refusal("sts", "GetCallerIdentity"))

    def test_a_wrong_session_token_is_refused(self):
        self.assertIn("session token", self.refusal("ec2", "DescribeAddresses", session_token="other").body)

    def test_nodes_cannot_call_with_other_keys(self):
        self.assertIsNotNone(self.refusal("ec2", "DescribeAddresses", access_key_id="operator"))
        self.assertIsNotNone(self.refusal("ec2", "DescribeAddresses", access_key_id=None))


class RoleTest(AccountTest):
    """A node with a role that may read one folder of one bucket."""

    def setUp(self):
        super().setUp()
        self.add_role("registry-role", "arn:aws:s3:::bucket/registry/*")
        self.node = self.run_node("registry-1", "10.80.1.20", IamInstanceProfile={"Name": "registry-role"})
        self.logged: list[tuple[Call, int]] = []
        self.identity = S3Identity(self.cloud, self.sessions, lambda call, status: self.logged.append((call, status)))

    def add_role(self, name, resource):
        trust = {"Version": "2012-10-17", "Statement": []}
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=document)
        self.iam.create_instance_profile(InstanceProfileName=name)
        self.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)

    def meta_data(self, private_ip="10.80.1.20"):
        return metadata_at(self.cloud, self.sessions, private_ip).tree["meta-data"]

    def credentials(self, private_ip="10.80.1.20"):
        (text,) = self.meta_data(private_ip)["iam"]["security-credentials"].values()
        return json.loads(text)

    def ask(self, path, **request):
        return self.identity.respond(f"/private/{path}", json.dumps(request).encode())

    def decision(self, resource, action="s3:GetObject"):
        keys = self.credentials()
        status, answer = self.ask(
            "evaluate-policy",
            accessKeyId=keys["AccessKeyId"],
            sessionToken=keys["Token"],
            actions=[action],
            resources=[resource],
        )
        return answer["decisions"][0][0] if status == 200 else status

    def test_metadata_tells_an_instance_by_its_address(self):
        self.assertEqual(self.meta_data()["instance-id"], self.node["InstanceId"])
        self.assertIsNone(metadata_at(self.cloud, self.sessions, "10.80.1.99"))

    def test_metadata_names_the_network(self):
        (interface,) = self.meta_data()["network"]["interfaces"]["macs"].values()
        self.assertEqual(interface["subnet-id"], self.subnet)
        self.assertEqual(interface["vpc-id"], self.vpc)
        self.assertEqual(interface["local-ipv4s"], "10.80.1.20")

    def test_metadata_shows_a_public_address_only_while_it_is_held(self):
        self.assertNotIn("public-ipv4", self.meta_data())
        address = self.allocate()
        self.ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=self.node["InstanceId"])
        self.assertEqual(self.meta_data()["public-ipv4"], address["PublicIp"])

    def test_metadata_shows_the_key_pair(self):
        public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0mR3Xqv1oJr3mJ2q0n8c0oQ2hQO7kT3oQ8sQZr8u9b admin"
        self.ec2.import_key_pair(KeyName="admin", PublicKeyMaterial=public_key.encode())
        self.run_node("keyed", "10.80.1.23", KeyName="admin")
        self.assertEqual(self.meta_data("10.80.1.23")["public-keys"], {"0=admin": {"openssh-key": public_key + "\n"}})

    def test_metadata_serves_user_data_as_it_was_given(self):
        self.run_node("scripted", "10.80.1.24", UserData="#!/bin/bash\necho 'hällo'\n")
        tree = metadata_at(self.cloud, self.sessions, "10.80.1.24").tree
        self.assertEqual(tree["user-data"], "#!/bin/bash\necho 'hällo'\n")

    def test_metadata_has_no_tags_unless_the_instance_enables_them(self):
        self.assertNotIn("tags", self.meta_data())

    def test_credentials_stay_the_same_until_they_are_renewed(self):
        self.assertEqual(self.credentials(), self.credentials())

    def test_credentials_last_six_hours(self):
        session = self.sessions.of_instance(self.cloud.instance_at("10.80.1.20"))
        self.assertAlmostEqual((session.expiration - session.issued).total_seconds(), 6 * 3600, delta=5)

    def test_each_instance_has_its_own_credentials(self):
        self.run_node("registry-2", "10.80.1.21", IamInstanceProfile={"Name": "registry-role"})
        self.assertNotEqual(self.credentials()["AccessKeyId"], self.credentials("10.80.1.21")["AccessKeyId"])

    def test_an_instance_without_role_has_no_credentials(self):
        self.run_node("plain", "10.80.1.22")
        self.assertNotIn("iam", self.meta_data("10.80.1.22"))

    def test_sts_knows_the_role_behind_the_credentials(self):
        keys = self.credentials()
        sts = self.client("sts", keys["AccessKeyId"], keys["SecretAccessKey"], keys["Token"])
        self.assertTrue(
            sts.get_caller_identity()["Arn"].endswith(f":assumed-role/registry-role/{self.node['InstanceId']}")
        )

    def test_s3_gets_the_signing_key_of_the_credentials(self):
        keys = self.credentials()
        status, answer = self.ask(
            "derive-signing-key",
            accessKeyId=keys["AccessKeyId"],
            sessionToken=keys["Token"],
            date="20260101",
            region=REGION,
            service="s3",
        )
        self.assertEqual(status, 200)
        self.assertTrue(answer["principalArn"].endswith(f"/registry-role/{self.node['InstanceId']}"))

    def test_s3_refuses_a_key_without_its_token(self):
        status, answer = self.ask(
            "derive-signing-key",
            accessKeyId=self.credentials()["AccessKeyId"],
            date="20260101",
            region=REGION,
            service="s3",
        )
        self.assertEqual((status, answer["code"]), (403, "InvalidToken"))

    def test_s3_refuses_an_unknown_key(self):
        status, answer = self.ask("derive-signing-key", accessKeyId="ASIAUNKNOWN", date="", region="", service="")
        self.assertEqual((status, answer["code"]), (403, "NoSuchIdentity"))

    def test_the_role_reads_its_folder_and_no_other(self):
        self.assertEqual(self.decision("arn:aws:s3:::bucket/registry/blob"), "allow")
        self.assertEqual(self.decision("arn:aws:s3:::bucket/other"), "no_match")
        self.assertEqual(self.decision("arn:aws:s3:::bucket/registry/blob", "s3:PutObject"), "no_match")

    def test_each_action_that_a_node_asks_for_is_logged_with_its_outcome(self):
        self.decision("arn:aws:s3:::bucket/registry/blob")
        self.decision("arn:aws:s3:::bucket/registry/blob", "s3:PutObject")
        self.assertEqual(
            [(call.service, call.action, call.source, status) for call, status in self.logged],
            [("s3", "GetObject", "10.80.1.20", 200), ("s3", "PutObject", "10.80.1.20", 403)],
        )

    def test_the_folder_itself_is_read_by_a_key_whose_slash_the_s3_server_has_dropped(self):
        self.assertEqual(self.decision("arn:aws:s3:::bucket/registry"), "allow")
        self.assertEqual(self.decision("arn:aws:s3:::bucket/registry", "s3:PutObject"), "no_match")
        self.assertEqual(self.decision("arn:aws:s3:::bucket/registry2"), "no_match")

    def test_a_managed_policy_counts_too(self):
        document = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}],
        }
        arn = self.iam.create_policy(PolicyName="none", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
        self.iam.attach_role_policy(RoleName="registry-role", PolicyArn=arn)
        self.assertEqual(self.decision("arn:aws:s3:::bucket/registry/blob"), "deny")


class SigningKeyTest(unittest.TestCase):
    def test_is_the_one_of_the_published_example(self):
        # From AWS's documentation of signature version 4.
        key = signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam")
        self.assertEqual(key.hex(), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")


if __name__ == "__main__":
    unittest.main()
