"""
Kills the registry on this machine in the middle of an upload. Arguments: its address, and `patch` or `put`.
Standard input: {"user": ..., "password": ...}. Prints when it did so: Unix time in milliseconds.
"""

import base64
import hashlib
import http.client
import json
import os
import select
import signal
import subprocess
import sys
import time

# Far more than any buffers on the way hold, and more than one chunk of the registry's uploads to S3.
SIZE_BYTES = 16 * 1024 * 1024
# Time for the registry to start on a PUT. It then has to read and move the whole blob, which takes much longer.
INTO_PUT_SECONDS = 0.02


class Upload:
    def __init__(self, address: str, authorization: str):
        self._headers = {"Authorization": authorization, "Content-Type": "application/octet-stream"}
        self._connection = http.client.HTTPConnection(address, timeout=60)
        self._location = self._started("POST", "/v2/lab-fault/crash/blobs/uploads/", 202)

    def patch(self, body: bytes) -> None:
        self._location = self._started("PATCH", self._location, 202, body)

    def begin_patch(self, length: int, body: bytes) -> None:
        self._begin("PATCH", self._location, length)
        self._connection.send(body)

    def begin_put(self, digest: str) -> None:
        self._begin("PUT", f"{self._location}{'&' if '?' in self._location else '?'}digest={digest}", 0)

    def is_answered(self) -> bool:
        return bool(select.select([self._connection.sock], [], [], 0)[0])

    def _begin(self, method: str, path: str, length: int) -> None:
        self._connection.putrequest(method, path)
        for name, value in {**self._headers, "Content-Length": str(length)}.items():
            self._connection.putheader(name, value)
        self._connection.endheaders()

    def _started(self, method: str, path: str, status: int, body: bytes = b"") -> str:
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != status:
            raise SystemExit(f"{method} of the fault's own upload was answered with {answer.status}, not {status}")
        return answer.headers["Location"]


def main(address: str, moment: str) -> None:
    login = json.load(sys.stdin)
    words = f"{login['user']}:{login['password']}"
    upload = Upload(address, f"Basic {base64.b64encode(words.encode()).decode()}")
    body = os.urandom(SIZE_BYTES)
    process = registry_process()
    if moment == "patch":
        upload.begin_patch(len(body), body[: len(body) // 2])
    else:
        upload.patch(body)
        upload.begin_put(f"sha256:{hashlib.sha256(body).hexdigest()}")
        time.sleep(INTO_PUT_SECONDS)
    if upload.is_answered():
        raise SystemExit(f"the registry had answered before it was killed: no {moment} was in flight")
    now = time.time()
    os.kill(process, signal.SIGKILL)
    print(round(now * 1000))


def registry_process() -> int:
    command = ["docker", "inspect", "--format", "{{.State.Pid}}", "registry"]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
