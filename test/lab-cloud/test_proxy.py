"""The operator's way in, over real sockets, with a small stand-in for the front."""

import asyncio
import unittest

import support  # noqa: F401  puts the programs on the path

from cloud.proxy import Proxy, refusal

CONNECT = b"CONNECT ec2.eu-west-1.amazonaws.com:443 HTTP/1.1\r\nHost: ec2.eu-west-1.amazonaws.com:443\r\n\r\n"
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class RefusalTest(unittest.TestCase):
    def test_takes_connections_to_hosts_of_aws(self):
        for host in ("amazonaws.com", "sts.amazonaws.com", "bucket.s3.eu-west-1.amazonaws.com", "IAM.amazonaws.com"):
            self.assertIsNone(refusal(f"CONNECT {host}:443 HTTP/1.1"), host)

    def test_takes_no_other_host(self):
        for target in (
            "example.com:443",
            "notamazonaws.com:443",
            "amazonaws.com.example.com:443",
            "example.com/.amazonaws.com:443",
            "127.0.0.1:443",
            "[::1]:443",
        ):
            self.assertIn(f"{target} is not in the lab", refusal(f"CONNECT {target} HTTP/1.1"))

    def test_takes_no_other_port(self):
        self.assertIn("port 443, only", refusal("CONNECT sts.amazonaws.com:80 HTTP/1.1"))

    def test_takes_no_other_method(self):
        problem = refusal("GET http://sts.amazonaws.com/ HTTP/1.1")
        self.assertEqual(problem, "this proxy takes CONNECT only, not GET: use https")


class ProxyTest(unittest.IsolatedAsyncioTestCase):
    async def serve(self, handler):
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        self.addAsyncCleanup(server.wait_closed)
        self.addCleanup(server.close)
        return server.sockets[0].getsockname()[1]

    async def connect(self, front_port):
        port = await self.serve(Proxy(front_port).serve)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        self.addCleanup(writer.close)
        return reader, writer

    async def test_leads_a_connection_to_the_front_and_back_until_both_have_finished(self):
        upload = b"object " * 1_000_000

        async def front(reader, writer):
            # Answers only when the client has said all: each direction ends by itself.
            received = await reader.read(-1)
            writer.write(b"received %d" % len(received))
            writer.close()

        reader, writer = await self.connect(await self.serve(front))
        writer.write(CONNECT)
        self.assertEqual(await reader.readexactly(len(ESTABLISHED)), ESTABLISHED)
        writer.write(upload)
        writer.write_eof()
        self.assertEqual(await reader.read(), b"received %d" % len(upload))

    async def test_loses_nothing_that_a_client_sends_too_early(self):
        async def front(reader, writer):
            writer.write(await reader.readexactly(5))
            writer.close()

        reader, writer = await self.connect(await self.serve(front))
        writer.write(CONNECT + b"hello")
        writer.write_eof()
        self.assertEqual(await reader.read(), ESTABLISHED + b"hello")

    async def test_answers_403_with_the_reason(self):
        reader, writer = await self.connect(0)
        writer.write(b"CONNECT example.com:443 HTTP/1.1\r\n\r\n")
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
        self.assertTrue(head.startswith("HTTP/1.1 403 Forbidden\r\n"))
        self.assertIn("example.com:443 is not in the lab", body)
        self.assertEqual(body.count("\n"), 1)

    async def test_says_that_the_front_does_not_answer(self):
        nobody = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = nobody.sockets[0].getsockname()[1]
        nobody.close()
        await nobody.wait_closed()
        reader, writer = await self.connect(port)
        writer.write(CONNECT)
        self.assertIn(b"502 Bad Gateway", await reader.read())


if __name__ == "__main__":
    unittest.main()
