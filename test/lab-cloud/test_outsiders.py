"""Who calls from outside of the VPC, and how the others are turned away."""

import json
import unittest
from datetime import timedelta

from account import OTHER_ACCOUNT, AccountTest

from support import settings

from cloud.authorization import Authorization
from cloud.calls import Call
from cloud.cloud import ACCOUNT_ID
from cloud.s3_identity import S3Identity

EXPIRED = "ASIAEXPIRED"


class OutsiderTest(AccountTest):
    def setUp(self):
        super().setUp()
        self.authorization = Authorization(settings(EXPIRED_ACCESS_KEY_ID=EXPIRED), self.cloud, self.sessions)

    def refusal(self, key, service="ec2", token=None, source="127.0.0.1"):
        return self.authorization.refuse(Call(service, "DescribeThings", {}, key, token, source))

    def assume_role(self, account=ACCOUNT_ID):
        role = f"arn:aws:iam::{account}:role/someone"
        return self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]

    def test_the_operator_may_do_everything(self):
        for source in ("127.0.0.1", "10.81.0.1"):
            self.assertIsNone(self.refusal("operator", source=source))

    def test_who_assumed_a_role_of_any_account_may_too(self):
        for account in (ACCOUNT_ID, OTHER_ACCOUNT):
            keys = self.assume_role(account)
            self.assertIsNone(self.refusal(keys["AccessKeyId"], token=keys["SessionToken"]))

    def test_a_session_needs_its_own_token(self):
        self.assertIn("AuthFailure", self.refusal(self.assume_role()["AccessKeyId"], token="other").body)

    def test_a_session_that_has_ended_is_told_so(self):
        keys = self.assume_role()
        self.cloud.assumed_role(keys["AccessKeyId"]).expiration -= timedelta(days=1)
        self.assertIn("RequestExpired", self.refusal(keys["AccessKeyId"], token=keys["SessionToken"]).body)

    def test_an_operators_key_does_not_help_a_node(self):
        self.assertIn("UnauthorizedOperation", self.refusal("operator", source="10.80.1.10").body)

    def test_an_unknown_key_is_refused_in_the_words_of_each_service(self):
        self.assert_codes(
            "AKIAUNKNOWN",
            {
                "ec2": ("401", "AuthFailure"),
                "iam": ("403", "InvalidClientTokenId"),
                "logs": ("400", "UnrecognizedClientException"),
                "s3": ("403", "InvalidAccessKeyId"),
                "ssm": ("400", "UnrecognizedClientException"),
                "sts": ("403", "InvalidClientTokenId"),
            },
        )

    def test_the_expired_key_is_refused_in_the_words_of_each_service(self):
        self.assert_codes(
            EXPIRED,
            {
                "ec2": ("400", "RequestExpired"),
                "iam": ("403", "ExpiredToken"),
                "logs": ("400", "ExpiredTokenException"),
                "s3": ("400", "ExpiredToken"),
                "ssm": ("400", "ExpiredTokenException"),
                "sts": ("403", "ExpiredToken"),
            },
        )

    def assert_codes(self, key, expected):
        for service, (status, code) in expected.items():
            with self.subTest(service=service):
                refusal = self.refusal(key, service)
                self.assertEqual(refusal.status[:3], status)
                self.assertRegex(refusal.body, f'(<Code>|"__type": "){code}[<"]')


class ObjectsOfOutsidersTest(AccountTest):
    """The S3 server asks who they are, as it does for nodes."""

    def decision(self, account):
        role = f"arn:aws:iam::{account}:role/someone"
        keys = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        question = {
            "accessKeyId": keys["AccessKeyId"],
            "sessionToken": keys["SessionToken"],
            "actions": ["s3:GetObject"],
            "resources": ["arn:aws:s3:::bucket/key"],
        }
        identity = S3Identity(self.cloud, self.sessions, self.fail)
        return identity.respond("/private/evaluate-policy", json.dumps(question).encode())[1]["decisions"]

    def test_a_session_of_the_account_reads_its_buckets_and_is_no_node_to_log(self):
        self.assertEqual(self.decision(ACCOUNT_ID), [["allow"]])

    def test_a_session_of_another_account_does_not(self):
        self.assertEqual(self.decision(OTHER_ACCOUNT), [["no_match"]])


if __name__ == "__main__":
    unittest.main()
