"""Where a request goes, asked of a real nginx with the configuration that we write."""

import http.client
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from support import settings

from cloud.front import nginx_conf
from cloud.settings import API_PORT, OPERATOR_FRONT_PORT, S3_PORT, TLS_CERTIFICATE, TLS_KEY

missing = [program for program in ("nginx", "openssl") if not shutil.which(program)]
if missing:
    raise unittest.SkipTest(f"{missing[0]} is not installed: apt-get install {missing[0]}")

EXPIRED = "ASIAEXPIRED"
BUCKET = "images.s3.eu-west-1.amazonaws.com"
REGION = "s3.eu-west-1.amazonaws.com"


def backend(name):
    """Answers with its name and what it was told of the caller; objects have the encoding that the client names."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told = f"{name} {self.headers['Host']} {self.headers['X-Forwarded-For']} {self.path}".encode()
            self.send_response(200)
            if "X-Stored-Encoding" in self.headers:
                self.send_header("Content-Encoding", self.headers["X-Stored-Encoding"])
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_PUT = do_POST = do_DELETE = do_GET

        def log_message(self, *_):
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class FrontsServedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        certificate, key = f"{folder.name}/server.crt", f"{folder.name}/server.key"
        new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=lab"]
        subprocess.run([*new, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        ports = {}
        for name, real_port in (("api", API_PORT), ("s3", S3_PORT)):
            server = backend(name)
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            cls.addClassCleanup(server.server_close)
            cls.addClassCleanup(server.shutdown)
            ports[f"127.0.0.1:{real_port}"] = f"127.0.0.1:{server.server_port}"
        cls.node_port, cls.s3_port, cls.operator_port = free_port(), free_port(), free_port()
        text = nginx_conf(settings(EXPIRED_ACCESS_KEY_ID=EXPIRED))
        for real, here in {
            **ports,
            f"127.0.0.1:{OPERATOR_FRONT_PORT}": f"127.0.0.1:{cls.operator_port}",
            "10.80.0.2:443": f"127.0.0.1:{cls.node_port}",
            "10.80.0.3:443": f"127.0.0.1:{cls.s3_port}",
            TLS_CERTIFICATE: certificate,
            TLS_KEY: key,
            "/run/lab/nginx.pid": f"{folder.name}/nginx.pid",
            "/var/log/lab/front.log": f"{folder.name}/front.log",
        }.items():
            text = text.replace(real, here)
        conf = Path(folder.name, "nginx.conf")
        conf.write_text(text)
        nginx = subprocess.Popen(
            ["nginx", "-c", str(conf), "-g", "daemon off;"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        cls.addClassCleanup(nginx.communicate)
        cls.addClassCleanup(nginx.terminate)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", cls.operator_port)) == 0:
                    return
            if nginx.poll() is not None:
                raise RuntimeError(nginx.stdout.read().decode())
            time.sleep(0.05)

    def ask(self, host, request, port=None, **headers):
        method, _, path = request.partition(" ")
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", port or self.operator_port, context=context, timeout=5)
        self.addCleanup(connection.close)
        connection.request(method, path, headers={"Host": host, **headers})
        answer = connection.getresponse()
        return answer, answer.read().decode()

    def leads_to(self, host, request, **more):
        return self.ask(host, request, **more)[1].split()[0]

    def assert_all_lead_to(self, name, requests):
        for host, request in requests:
            with self.subTest(host=host, request=request):
                self.assertEqual(self.leads_to(host, request), name)

    def test_objects_are_the_s3_servers_in_both_styles(self):
        self.assert_all_lead_to(
            "s3",
            [
                (BUCKET, "GET /key"),
                (BUCKET, "PUT /a/b%20c?partNumber=1&uploadId=x"),
                (BUCKET, "POST /key?uploads="),
                (BUCKET, "GET /key?tagging"),
                (BUCKET, "DELETE /key?versionId=1"),
                (BUCKET, "GET //key"),
                (REGION, "GET /images/key"),
                (REGION, "PUT /images/a/b"),
                ("s3.amazonaws.com", "GET /images/key"),
                ("images.s3.amazonaws.com", "GET /key"),
            ],
        )

    def test_lists_and_deletions_of_objects_are_too(self):
        self.assert_all_lead_to(
            "s3",
            [
                (BUCKET, "GET /"),
                (BUCKET, "GET /?list-type=2&prefix=a"),
                (BUCKET, "GET /?prefix=a&max-keys=1"),
                (BUCKET, "GET /?versions"),
                (BUCKET, "GET /?max-keys=1&versions="),
                (BUCKET, "GET /?uploads="),
                (BUCKET, "POST /?delete="),
                (REGION, "GET /images?list-type=2"),
                (REGION, "GET /images/?list-type=2"),
                (REGION, "POST /images?delete"),
            ],
        )

    def test_buckets_and_their_settings_are_the_apis(self):
        settings_of_buckets = ("policy", "lifecycle=", "versioning", "encryption", "tagging=", "website", "location")
        self.assert_all_lead_to(
            "api",
            [
                *((BUCKET, f"GET /?{name}") for name in settings_of_buckets),
                (BUCKET, "PUT /"),
                (BUCKET, "DELETE /"),
                (BUCKET, "PUT /?publicAccessBlock="),
                (BUCKET, "DELETE /?policy"),
                (REGION, "GET /"),
                (REGION, "GET /?x-id=ListBuckets"),
                (REGION, "PUT /images"),
                (REGION, "PUT /images/?versioning"),
                (REGION, "GET /images?policy"),
                ("s3.amazonaws.com", "GET /"),
                ("123456789012.s3-control.eu-west-1.amazonaws.com", "GET /v20180820/tags/arn"),
            ],
        )

    def test_all_other_services_are_the_apis(self):
        hosts = ("ec2.eu-west-1.amazonaws.com", "iam.amazonaws.com", "logs.eu-west-1.amazonaws.com", "amazonaws.com")
        self.assert_all_lead_to("api", [(host, "POST /") for host in hosts])

    def test_an_expired_key_is_the_apis_to_refuse(self):
        credential = f"AWS4-HMAC-SHA256 Credential={EXPIRED}/20260101/eu-west-1/s3/aws4_request"
        self.assertEqual(self.leads_to(BUCKET, "GET /key", Authorization=credential), "api")

    def test_what_signatures_cover_arrives_as_it_was_sent(self):
        _, told = self.ask(BUCKET, "GET /a//b%2Fc?x=%20")
        self.assertEqual(told.split()[1], BUCKET)
        self.assertEqual(told.split()[3], "/a//b%2Fc?x=%20")

    def test_the_operator_comes_from_outside_of_the_vpc_whatever_it_claims(self):
        _, told = self.ask("ec2.eu-west-1.amazonaws.com", "POST /", **{"X-Forwarded-For": "10.80.1.10"})
        self.assertEqual(told.split()[2], "127.0.0.1")

    def test_to_nodes_all_of_s3_is_the_s3_server(self):
        for request in ("GET /key", "GET /?policy", "PUT /"):
            self.assertEqual(self.leads_to(BUCKET, request, port=self.node_port), "s3")
        self.assertEqual(self.leads_to("ec2.eu-west-1.amazonaws.com", "POST /", port=self.node_port), "api")

    def test_the_framing_of_an_upload_is_no_encoding_of_the_object(self):
        for stored, shown in (
            ("aws-chunked", None),
            ("aws-chunked,gzip", "gzip"),
            ("aws-chunked, gzip", "gzip"),
            ("gzip", "gzip"),
        ):
            for port in (self.operator_port, self.node_port):
                with self.subTest(stored=stored):
                    answer, _ = self.ask(BUCKET, "GET /key", port=port, **{"X-Stored-Encoding": stored})
                    self.assertEqual(answer.getheader("Content-Encoding"), shown)


if __name__ == "__main__":
    unittest.main()
