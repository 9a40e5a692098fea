"""What surrounds a keeper in these tests: EC2 behind a proxy that can fail, instance metadata, nginx, keepalived."""

import http.client
import itertools
import json
import logging
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

sys.dont_write_bytecode = True  # what lies in salt/ is sent to the nodes
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "salt/eip-keeper/files"))

import boto3  # noqa: E402

try:
    from moto.server import ThreadedMotoServer
except ImportError:
    ThreadedMotoServer = None

logging.getLogger("werkzeug").setLevel(logging.ERROR)  # moto's log of requests
REGION = "eu-west-1"
SECRET = "role-secret-that-no-log-may-show"
PYTHON = os.environ.get("KEEPER_PYTHON", sys.executable)
"""Runs the keeper: set it to /usr/bin/python3 to test with the distribution's own Python and boto3."""
cluster_numbers = itertools.count(1)


def eventually(what, condition, within_sec=4.0):
    """Waits until the condition holds."""
    end = time.monotonic() + within_sec
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {within_sec} s: {what}")
        time.sleep(0.02)


class Server:
    """An HTTP server on a free port. Subclasses answer requests in `answer(method, path, headers, body)`."""

    def __init__(self):
        self.connections = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self):
                super().setup()
                outer.connections += 1

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = outer.answer(self.command, self.path, self.headers, body)
                if answer is None:
                    self.close_connection = True
                    return
                status, text = answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_PUT = do_POST = handle_any

            def log_message(self, *_):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """A keeper that gave up on a slow answer is part of the tests."""

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Api(Server):
    """One node's way to EC2. Counts the calls and spoils those that a test names."""

    def __init__(self, moto_port):
        super().__init__()
        self.moto_port = moto_port
        self.calls = []
        self.faults = []
        self.latest = self.past = None

    def spoil(self, action, fault, times):
        """Faults: throttle, cut (not carried out), lost (carried out, no answer), slow (carried out after a second),
        stale (the answer from before the last change)."""
        self.faults += [(action, fault)] * times

    def count(self, action):
        return sum(call["Action"] == action for call in self.calls)

    def answer(self, method, path, headers, body):
        call = dict(parse_qsl(body.decode()))
        self.calls.append(call)
        fault = next((fault for fault in self.faults if fault[0] in (call["Action"], "any")), (None, None))
        if fault in self.faults:
            self.faults.remove(fault)
        if fault[1] == "throttle":
            return 503, (
                b"<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded."
                b"</Message></Error></Errors><RequestID>1</RequestID></Response>"
            )
        if fault[1] == "cut":
            return None
        if fault[1] == "slow":
            time.sleep(1)
        if fault[1] == "stale":
            return self.past
        connection = http.client.HTTPConnection("127.0.0.1", self.moto_port, timeout=10)
        connection.request(method, path, body, {name: headers[name] for name in ("Content-Type", "Authorization")})
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        if call["Action"] == "DescribeAddresses":
            self.latest = answer
        else:
            self.past = self.latest
        return None if fault[1] == "lost" else answer


class Metadata(Server):
    """Instance metadata, version 2 only, with the credentials of the instance's role."""

    def __init__(self, interface, address):
        super().__init__()
        self.up = True
        role = {
            "AccessKeyId": "ASIATEST",
            "SecretAccessKey": SECRET,
            "Token": SECRET,
            "Code": "Success",
            "Type": "AWS-HMAC",
            "LastUpdated": "2026-01-01T00:00:00Z",
            "Expiration": "2099-01-01T00:00:00Z",
        }
        self.pages = {
            "mac": "02:00:00:00:00:01",
            "local-ipv4": address,
            "network/interfaces/macs/02:00:00:00:00:01/interface-id": interface,
            "iam/security-credentials/": "proxy",
            "iam/security-credentials/proxy": json.dumps(role),
        }

    def answer(self, method, path, headers, _body):
        if not self.up:
            return None
        if (method, path) == ("PUT", "/latest/api/token"):
            return (200, b"token") if headers["X-aws-ec2-metadata-token-ttl-seconds"] else (400, b"")
        if headers["X-aws-ec2-metadata-token"] != "token":
            return 401, b""
        page = self.pages.get(path.removeprefix("/latest/meta-data/"))
        return (200, page.encode()) if page is not None else (404, b"")


class Nginx(Server):
    """Answers whether it is well, and whether the node with the address that was asked for is master."""

    def __init__(self, address, master_file):
        super().__init__()
        self.status = 200
        self.master_path, self.master_file = f"/master/{address}", master_file

    def answer(self, _method, path, *_):
        if path not in ("/healthz", self.master_path):
            return 404, b""
        if path == self.master_path and not self.master_file.exists():
            return 404, b""
        return self.status, b"ok"


class Node:
    """A proxy node: a keeper process and all that it talks to."""

    def __init__(self, region, name, folder):
        self.region = region
        self.folder = pathlib.Path(folder, name)
        self.folder.mkdir()
        self.interface, self.address = region.new_interface()
        self.api, self.metadata = Api(region.port), Metadata(self.interface, self.address)
        self.master_file = self.folder / "master"
        self.nginx = Nginx(self.address, self.master_file)
        self.peer = None
        self.fifo, self.config_file = self.folder / "fifo", self.folder / "config.json"
        self.fifo_fd = self.keepalived = self.keeper = None
        self.start_keepalived()

    def start_keepalived(self):
        """A process that stands for keepalived: what counts is its pid file and that it holds the FIFO open."""
        self.keepalived = subprocess.Popen(["sleep", "60"])
        (self.folder / "keepalived.pid").write_text(f"{self.keepalived.pid}\n")

    def kill_keepalived(self):
        self.keepalived.kill()
        self.keepalived.wait()

    def start(self, interval_sec=0.3, **other):
        """Starts the keeper and waits until it has looked where the address is."""
        keys = {
            "region": REGION,
            "cluster": self.region.cluster,
            "addressRole": "service-address",
            "instance": "service",
            "fifo": str(self.fifo),
            "healthUrl": f"{self.nginx.url}/healthz",
            "peerUrl": self.peer.nginx.url + "/master/{peer}",
            "masterFile": str(self.master_file),
            "reconcileIntervalSec": interval_sec,
            "apiTimeoutSec": 3,
            "stateFile": str(self.folder / "state"),
            "keepalivedPidFile": str(self.folder / "keepalived.pid"),
            "imdsEndpoint": self.metadata.url,
        }
        self.config_file.write_text(json.dumps({**keys, **other}))
        environment = {
            "PATH": "/usr/bin:/bin",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.metadata.url,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [PYTHON, pathlib.Path(__file__).with_name("launcher.py"), self.api.url, "--config", self.config_file]
        seen = self.log().count("\n")
        with (self.folder / "log").open("a") as log:
            self.keeper = subprocess.Popen(command, stderr=log, env=environment)
        eventually("the keeper looked", lambda: self.log().count("\n") >= seen + 2, 10)
        if self.fifo_fd is None:
            self.fifo_fd = os.open(self.fifo, os.O_RDWR | os.O_NONBLOCK)

    def stop(self):
        self.keeper.terminate()
        return self.keeper.wait(5)

    def says(self, *words):
        """keepalived writes one line per word, all at once."""
        self.hears("".join(f'INSTANCE "service" {word} 100\n' for word in words))

    def hears(self, lines):
        os.write(self.fifo_fd, lines.encode())

    def becomes_holder(self):
        self.says("MASTER")
        eventually("the new master holds the address", lambda: self.holds())
        eventually("the keeper knows it", lambda: "event=taken" in self.log())

    def holds(self):
        return self.region.holder() == self.interface

    def steals(self):
        """Takes the address behind the keepers' backs."""
        self.region.associate(self.interface)

    def log(self):
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def close(self):
        for process in (self.keeper, self.keepalived):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        if self.fifo_fd is not None:
            os.close(self.fifo_fd)
        for server in (self.api, self.metadata, self.nginx):
            server.close()


class Region:
    """EC2 with one address for one cluster. Calls of the tests themselves go here, not through a node's proxy."""

    def __init__(self, port):
        self.port = port
        self.ec2 = boto3.session.Session("id", "key").client("ec2", REGION, endpoint_url=f"http://127.0.0.1:{port}")
        vpc = self.ec2.create_vpc(CidrBlock="10.80.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.80.1.0/24")["Subnet"]["SubnetId"]
        self.new_cluster()

    def new_cluster(self):
        """Each test has its own, so that they do not meet."""
        self.cluster = f"cluster-{next(cluster_numbers)}"
        self.allocation = self.new_address()

    def new_address(self):
        tags = [{"Key": "Cluster", "Value": self.cluster}, {"Key": "Role", "Value": "service-address"}]
        specification = [{"ResourceType": "elastic-ip", "Tags": tags}]
        return self.ec2.allocate_address(Domain="vpc", TagSpecifications=specification)["AllocationId"]

    def new_interface(self):
        made = self.ec2.create_network_interface(SubnetId=self.subnet)["NetworkInterface"]
        return made["NetworkInterfaceId"], made["PrivateIpAddress"]

    def holder(self):
        return self.ec2.describe_addresses(AllocationIds=[self.allocation])["Addresses"][0].get("NetworkInterfaceId")

    def associate(self, interface):
        self.ec2.associate_address(AllocationId=self.allocation, NetworkInterfaceId=interface, AllowReassociation=True)

    def disassociate(self):
        address = self.ec2.describe_addresses(AllocationIds=[self.allocation])["Addresses"][0]
        self.ec2.disassociate_address(AssociationId=address["AssociationId"])


@unittest.skipIf(ThreadedMotoServer is None, "moto's server is not installed: pip install 'moto[server]'")
class KeeperCase(unittest.TestCase):
    """Two nodes, `a` and `b`. The address begins at `b`; a test starts the keepers that it needs."""

    @classmethod
    def setUpClass(cls):
        cls.moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        cls.moto.start()
        cls.region = Region(cls.moto.get_host_and_port()[1])

    @classmethod
    def tearDownClass(cls):
        cls.moto.stop()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.region.new_cluster()
        self.a, self.b = (Node(self.region, name, folder.name) for name in "ab")
        self.a.peer, self.b.peer = self.b, self.a
        self.b.steals()
        for node in (self.a, self.b):
            self.addCleanup(node.close)
        self.addCleanup(self.check_always)

    def check_always(self):
        for node in (self.a, self.b):
            self.assertLessEqual({call["Action"] for call in node.api.calls}, {"DescribeAddresses", "AssociateAddress"})
            self.assertNotIn(SECRET, node.log())
            self.assertNotIn("Traceback", node.log())

    def holds_for(self, seconds, what, condition):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.assertTrue(condition(), what)
            time.sleep(0.05)
