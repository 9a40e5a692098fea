"""What the API asks of the S3 server, with a small stand-in for it."""

import importlib.util
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer

from support import settings

if importlib.util.find_spec("botocore") is None:
    raise unittest.SkipTest("moto is not installed: pip install -r lab/cloud/requirements.txt")

from cloud.s3_server import S3Server


class S3ServerTest(unittest.TestCase):
    def setUp(self):
        self.answer = (200, "")
        self.requests = []
        test = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                test.requests.append((self.command, self.path, body, self.headers["Authorization"]))
                status, code = test.answer
                self.send_response(status)
                self.end_headers()
                self.wfile.write(f"<Error><Code>{code}</Code></Error>".encode() if code else b"")

            do_DELETE = do_PUT

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.s3 = S3Server(settings(), server.server_port)

    def test_makes_a_bucket_in_the_region_with_the_operators_key(self):
        self.s3.create_bucket("images")
        ((method, path, body, authorization),) = self.requests
        self.assertEqual((method, path), ("PUT", "/images"))
        self.assertIn("<LocationConstraint>eu-west-1</LocationConstraint>", body)
        self.assertRegex(authorization, r"Credential=operator/\d+/eu-west-1/s3/aws4_request")

    def test_leaves_a_bucket_that_is_there(self):
        self.answer = (409, "BucketAlreadyOwnedByYou")
        self.s3.create_bucket("images")

    def test_says_whether_a_bucket_is_gone(self):
        for answer, gone in (
            ((204, ""), True),
            ((404, "NoSuchBucket"), True),
            ((409, "BucketNotEmpty"), False),
        ):
            with self.subTest(answer=answer):
                self.answer = answer
                self.assertEqual(self.s3.delete_bucket("images"), gone)

    def test_names_what_went_wrong_otherwise(self):
        self.answer = (403, "AccessDenied")
        with self.assertRaisesRegex(RuntimeError, "answered PUT of bucket images with 403 AccessDenied"):
            self.s3.create_bucket("images")


if __name__ == "__main__":
    unittest.main()
