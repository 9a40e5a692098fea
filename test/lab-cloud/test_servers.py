"""The servers over real sockets, and the API program around a small stand-in for moto."""

import importlib.util
import io
import json
import socket
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import support  # noqa: F401  puts the programs on the path

if importlib.util.find_spec("moto") is None:
    raise unittest.SkipTest("moto is not installed: pip install -r lab/cloud/requirements.txt")

from cloud.calls import read_call
from cloud.imds import Metadata, MetadataService
from cloud.pace import Pace
from cloud.refusals import Refusal
from cloud.servers import identity_server, metadata_server
from cloud.watched_api import WatchedApi

CREDENTIAL = "AWS4-HMAC-SHA256 Credential=ASIA1/20260101/eu-west-1/{}/aws4_request, SignedHeaders=host, Signature=0"


class ServerTest(unittest.TestCase):
    def serve(self, server):
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server


class MetadataServerTest(ServerTest):
    def setUp(self):
        service = MetadataService({"127.0.0.1": Metadata({"meta-data": {"instance-id": "i-1"}}, hop_limit=1)}.get)
        host, port = self.serve(metadata_server(service, ("127.0.0.1", 0))).server_address
        self.base = f"http://{host}:{port}/latest"

    def call(self, path, method="GET", **headers):
        request = urllib.request.Request(self.base + path, method=method, headers=headers)
        return urllib.request.urlopen(request, timeout=5).read().decode()

    def test_gives_a_token_and_then_metadata(self):
        token = self.call("/api/token", "PUT", **{"X-aws-ec2-metadata-token-ttl-seconds": "60"})
        self.assertEqual(self.call("/meta-data/instance-id", **{"X-aws-ec2-metadata-token": token}), "i-1")

    def test_answers_401_without_token(self):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.call("/meta-data/instance-id")
        self.assertEqual(caught.exception.code, 401)
        caught.exception.close()


class IdentityServerTest(ServerTest):
    def setUp(self):
        class Identity:
            def respond(self, path, body):
                return 200, {"path": path, "asked": json.loads(body)}

        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = str(Path(folder.name, "iam.sock"))
        self.serve(identity_server(Identity(), self.path))

    def test_answers_on_its_socket_with_the_version_of_the_protocol(self):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.path)
            headers = b"Host: x\r\nConnection: close\r\nContent-Length: 2\r\n"
            client.sendall(b"POST /private/version HTTP/1.1\r\n" + headers + b"\r\n{}")
            answer = b"".join(iter(lambda: client.recv(4096), b"")).decode()
        self.assertIn("X-Vgw-Private-Protocol: 1", answer)
        self.assertTrue(answer.endswith('{"path": "/private/version", "asked": {}}'))

    def test_is_open_to_its_owner_only(self):
        self.assertEqual(Path(self.path).stat().st_mode & 0o777, 0o600)


def environ(body="", content_type="application/x-www-form-urlencoded", service="ec2", **more):
    data = body.encode()
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_AUTHORIZATION": CREDENTIAL.format(service),
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.input": io.BytesIO(data),
        **more,
    }


class ReadCallTest(unittest.TestCase):
    def test_reads_a_query_call(self):
        call = read_call(environ("Action=AssociateAddress&AllocationId=eipalloc-1"))
        self.assertEqual((call.service, call.action, call.access_key_id), ("ec2", "AssociateAddress", "ASIA1"))
        self.assertEqual(call.parameters["AllocationId"], "eipalloc-1")

    def test_reads_a_json_call(self):
        call = read_call(
            environ('{"Name": "/a"}', "application/x-amz-json-1.1", "ssm", HTTP_X_AMZ_TARGET="AmazonSSM.GetParameter")
        )
        self.assertEqual((call.service, call.action, call.parameters), ("ssm", "GetParameter", {"Name": "/a"}))

    def test_leaves_the_body_to_be_read_again(self):
        request = environ("Action=DescribeAddresses")
        read_call(request)
        self.assertEqual(request["wsgi.input"].read(), b"Action=DescribeAddresses")

    def test_believes_the_front_about_the_caller(self):
        self.assertEqual(read_call(environ(HTTP_X_FORWARDED_FOR="10.80.1.10")).source, "10.80.1.10")

    def test_believes_nobody_else(self):
        request = environ(REMOTE_ADDR="10.81.0.1", HTTP_X_FORWARDED_FOR="10.80.1.10")
        self.assertEqual(read_call(request).source, "10.81.0.1")


class WatchedApiTest(unittest.TestCase):
    def call(self, action, refusal=None, faults=(), pace=None):
        self.events = []

        def moto(_, start_response):
            self.events.append("moto")
            start_response("200 OK", [])
            return [b"done"]

        api = WatchedApi(
            moto,
            refuse=lambda call: refusal,
            changed=lambda call: self.events.append("publish"),
            log=lambda call, status, faults: self.events.append(" ".join(["log", call.action, str(status), *faults])),
            faults_of=lambda source: faults,
            pace=pace,
            sleep=lambda seconds: self.events.append(f"sleep {seconds}"),
        )
        return b"".join(api(environ(f"Action={action}"), lambda *_: None))

    def test_a_change_is_published_before_the_caller_hears_of_it(self):
        self.assertEqual(self.call("AssociateAddress"), b"done")
        self.assertEqual(self.events, ["moto", "publish", "log AssociateAddress 200"])

    def test_a_change_is_published_before_the_next_call_is_looked_at(self):
        events = []
        first_is_made, second_is_there = threading.Event(), threading.Event()

        def moto(request, start_response):
            events.append(f"moto {request['HTTP_X_FORWARDED_FOR']}")
            start_response("200 OK", [])
            return [b"done"]

        def publish(_):
            if len(events) == 1:
                first_is_made.set()
                # Whatever the second does before this one is through, it does meanwhile.
                second_is_there.wait(5)
                time.sleep(0.1)
            events.append("publish")

        def faults_of(source):
            if source == "10.80.1.12":
                second_is_there.set()
            return ()

        api = WatchedApi(moto, lambda call: None, publish, lambda *_: None, faults_of)

        def call(source):
            api(environ("Action=AssociateAddress", HTTP_X_FORWARDED_FOR=source), lambda *_: None)

        first = threading.Thread(target=call, args=("10.80.1.11",))
        first.start()
        self.assertTrue(first_is_made.wait(5))
        call("10.80.1.12")
        first.join()
        self.assertEqual(events, ["moto 10.80.1.11", "publish", "moto 10.80.1.12", "publish"])

    def test_a_question_publishes_nothing(self):
        self.call("DescribeAddresses")
        self.assertEqual(self.events, ["moto", "log DescribeAddresses 200"])

    def test_a_refused_call_never_reaches_moto(self):
        self.assertEqual(self.call("AssociateAddress", Refusal("403 Forbidden", "text/xml", "no")), b"no")
        self.assertEqual(self.events, ["log AssociateAddress 403"])

    def test_a_slow_call_takes_effect_late(self):
        self.call("AssociateAddress", faults=["api-slow"])
        self.assertEqual(self.events, ["sleep 5", "moto", "publish", "log AssociateAddress 200 api-slow"])

    def test_an_address_takes_as_long_to_move_as_on_aws_before_the_change_takes_effect(self):
        class Slow(Pace):
            def call_seconds(self, call):
                return 2.5

        self.call("AssociateAddress", pace=Slow())
        self.assertEqual(self.events, ["sleep 2.5", "moto", "publish", "log AssociateAddress 200"])

    def test_a_call_beyond_the_limit_is_refused_at_once(self):
        class Strict(Pace):
            def call_seconds(self, call):
                return 2.5

            def throttles(self, call):
                return True

        self.assertIn(b"RequestLimitExceeded", self.call("AssociateAddress", pace=Strict()))
        self.assertEqual(self.events, ["log AssociateAddress 503"])

    def test_a_stale_answer_is_the_one_from_before_the_last_change_however_often_it_changes(self):
        holders = []

        def moto(request, start_response):
            start_response("200 OK", [])
            return [holders[-1]]

        api = WatchedApi(moto, lambda call: None, lambda call: None, lambda *_: None, lambda source: ["api-stale"])

        def call(action):
            return b"".join(api(environ(f"Action={action}"), lambda *_: None))

        answers = []
        for holder in (b"a", b"b", b"c"):
            holders.append(holder)
            call("AssociateAddress")
            answers.append(call("DescribeAddresses"))
        self.assertEqual(answers, [b"a", b"a", b"b"])

    def test_a_throttled_call_is_refused_and_logged(self):
        self.assertIn(b"<Code>RequestLimitExceeded</Code>", self.call("AssociateAddress", faults=["api-throttled"]))
        self.assertEqual(self.events, ["log AssociateAddress 503 api-throttled"])


if __name__ == "__main__":
    unittest.main()
