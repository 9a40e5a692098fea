import unittest

import support  # noqa: F401  puts the programs on the path

from cloud.imds import Metadata, MetadataService

NODE, OTHER_NODE = "10.80.1.10", "10.80.1.11"
TREE = {
    "meta-data": {
        "instance-id": "i-1",
        "iam": {"info": "{}", "security-credentials": {"proxy-role": '{"Code": "Success"}'}},
        "public-keys": {"0=admin": {"openssh-key": "ssh-ed25519 AAAA admin\n"}},
    },
    "user-data": "#!/bin/sh\n",
}


class MetadataServiceTest(unittest.TestCase):
    def setUp(self):
        self.time = 0.0
        nodes = {
            NODE: Metadata(TREE, hop_limit=1),
            OTHER_NODE: Metadata(TREE, hop_limit=2),
            "10.80.1.12": Metadata(TREE, hop_limit=1, enabled=False),
        }
        self.service = MetadataService(nodes.get, now=lambda: self.time)

    def put_token(self, source=NODE, ttl="60", path="/latest/api/token", **more):
        headers = {"x-aws-ec2-metadata-token-ttl-seconds": ttl, **more} if ttl else more
        return self.service.respond("PUT", path, headers, source)

    def get(self, path, token, source=NODE):
        headers = {"x-aws-ec2-metadata-token": token} if token else {}
        return self.service.respond("GET", path, headers, source)

    def read(self, path):
        response = self.get(path, self.put_token().body)
        return response.body if response.status == 200 else response.status

    def test_refuses_version_1(self):
        self.assertEqual(self.get("/latest/meta-data/instance-id", token=None).status, 401)

    def test_answers_who_holds_a_token(self):
        self.assertEqual(self.read("/latest/meta-data/instance-id"), "i-1")

    def test_refuses_an_invented_token(self):
        self.assertEqual(self.get("/latest/meta-data/instance-id", token="invented").status, 401)

    def test_refuses_a_token_after_its_time(self):
        token = self.put_token(ttl="60").body
        self.time = 59.9
        self.assertEqual(self.get("/latest/meta-data/instance-id", token).status, 200)
        self.time = 60
        self.assertEqual(self.get("/latest/meta-data/instance-id", token).status, 401)

    def test_refuses_the_token_of_another_node(self):
        token = self.put_token(source=OTHER_NODE).body
        self.assertEqual(self.get("/latest/meta-data/instance-id", token, source=NODE).status, 401)

    def test_knows_nothing_for_an_address_without_instance(self):
        self.assertEqual(self.put_token(source="10.80.9.9").status, 404)

    def test_is_closed_where_the_instance_turned_it_off(self):
        self.assertEqual(self.put_token(source="10.80.1.12").status, 403)

    def test_wants_a_time_to_live_from_1_second_to_6_hours(self):
        for ttl in (None, "0", "21601", "-1", "soon"):
            with self.subTest(ttl=ttl):
                self.assertEqual(self.put_token(ttl=ttl).status, 400)
        self.assertEqual(self.put_token(ttl="21600").headers["X-aws-ec2-metadata-token-ttl-seconds"], "21600")

    def test_gives_no_token_through_a_proxy(self):
        self.assertEqual(self.put_token(**{"x-forwarded-for": "192.0.2.1"}).status, 403)

    def test_sends_tokens_no_further_than_the_hop_limit(self):
        self.assertEqual(self.put_token(source=NODE).hop_limit, 1)
        self.assertEqual(self.put_token(source=OTHER_NODE).hop_limit, 2)

    def test_lists_folders_with_a_slash(self):
        self.assertEqual(self.read("/latest/meta-data/"), "iam/\ninstance-id\npublic-keys/")

    def test_lists_the_role_under_security_credentials(self):
        self.assertEqual(self.read("/latest/meta-data/iam/security-credentials/"), "proxy-role")

    def test_lists_a_public_key_with_its_name_and_opens_it_by_number(self):
        self.assertEqual(self.read("/latest/meta-data/public-keys/"), "0=admin")
        self.assertEqual(self.read("/latest/meta-data/public-keys/0/openssh-key"), "ssh-ed25519 AAAA admin\n")

    def test_knows_its_dated_versions(self):
        self.assertEqual(self.read("/2021-07-15/meta-data/instance-id"), "i-1")

    def test_serves_user_data_unchanged(self):
        self.assertEqual(self.read("/latest/user-data"), "#!/bin/sh\n")

    def test_answers_404_for_what_is_not_there(self):
        for path in ("/latest/meta-data/tags/", "/latest/meta-data/instance-id/deeper", "/elsewhere/meta-data/"):
            with self.subTest(path=path):
                self.assertEqual(self.read(path), 404)


if __name__ == "__main__":
    unittest.main()
