import unittest

import support  # noqa: F401  puts the programs on the path

from cloud.policy import evaluate

OBJECT = "arn:aws:s3:::bucket/registry/blob"


def decide(*statements, action="s3:GetObject", resource=OBJECT, **context):
    keys = {key.replace("_", ":"): [value] for key, value in context.items()}
    return evaluate([{"Version": "2012-10-17", "Statement": list(statements)}], action, resource, keys)


def allow(action="s3:*", resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action="s3:*", resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


class PolicyTest(unittest.TestCase):
    def test_allows_what_a_statement_allows(self):
        self.assertEqual(decide(allow(["s3:PutObject", "s3:GetObject"], "arn:aws:s3:::bucket/*")), "allow")

    def test_knows_no_other_bucket(self):
        self.assertEqual(decide(allow(resource="arn:aws:s3:::bucket/*"), resource="arn:aws:s3:::other/x"), "no_match")

    def test_compares_actions_without_case_and_resources_with_it(self):
        self.assertEqual(decide(allow("S3:getobject")), "allow")
        self.assertEqual(decide(allow(resource="arn:aws:s3:::Bucket/*")), "no_match")

    def test_a_deny_wins(self):
        self.assertEqual(decide(allow(), deny("s3:GetObject")), "deny")

    def test_reads_not_action_and_not_resource(self):
        all_but = {"Effect": "Allow", "NotAction": "s3:Delete*", "NotResource": "arn:aws:s3:::bucket/secret/*"}
        self.assertEqual(decide(all_but), "allow")
        self.assertEqual(decide(all_but, action="s3:DeleteObject"), "no_match")
        self.assertEqual(decide(all_but, resource="arn:aws:s3:::bucket/secret/x"), "no_match")

    def test_holds_a_condition_on_a_prefix(self):
        statement = allow("s3:ListBucket", Condition={"StringLike": {"s3:prefix": ["registry/*", "registry"]}})
        self.assertEqual(decide(statement, action="s3:ListBucket", s3_prefix="registry/docker"), "allow")
        self.assertEqual(decide(statement, action="s3:ListBucket", s3_prefix="other"), "no_match")
        self.assertEqual(decide(statement, action="s3:ListBucket"), "no_match")

    def test_denies_what_came_without_tls(self):
        statement = deny(Condition={"Bool": {"aws:SecureTransport": False}})
        self.assertEqual(decide(allow(), statement, aws_securetransport="false"), "deny")
        self.assertEqual(decide(allow(), statement, aws_securetransport="true"), "allow")

    def test_a_negated_condition_holds_when_the_key_is_absent(self):
        statement = allow(Condition={"StringNotEquals": {"s3:prefix": "secret"}})
        self.assertEqual(decide(statement), "allow")
        self.assertEqual(decide(statement, s3_prefix="secret"), "no_match")

    def test_an_optional_condition_holds_when_the_key_is_absent(self):
        self.assertEqual(decide(allow(Condition={"StringEqualsIfExists": {"s3:prefix": "x"}})), "allow")

    def test_an_unknown_condition_never_allows_and_always_denies(self):
        odd = {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01"}}
        self.assertEqual(decide(allow(Condition=odd)), "no_match")
        self.assertEqual(decide(allow(), deny(Condition=odd)), "deny")


if __name__ == "__main__":
    unittest.main()
