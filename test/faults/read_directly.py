"""Reads manifests and blobs at one registry and compares them with their digests.

Usage: python3 read_directly.py HOST PORT. Standard input has the value of the header Authorization on its first line,
then on each a JSON object with `repository`, `digest` and `path`. Prints one for each: `repository`, `digest`, `result`
and `error`.
"""

import hashlib
import http.client
import json
import ssl
import sys
import urllib.request
from typing import BinaryIO

host, port = sys.argv[1], int(sys.argv[2])
headers = {"Authorization": sys.stdin.readline().strip(), "Accept": "application/vnd.oci.image.manifest.v1+json"}
# Created once, because it loads every CA of the system.
tls = ssl.create_default_context()
connection = http.client.HTTPConnection(host, port, timeout=30)


def digest_of(body: BinaryIO) -> str:
    sha256 = hashlib.sha256()
    while part := body.read(1024 * 1024):
        sha256.update(part)
    return f"sha256:{sha256.hexdigest()}"


def read(path: str, digest: str) -> tuple[str, str | None]:
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    found = digest_of(response)
    if response.status == 307:
        # If the registry redirects to storage, storage must not get the registry's password.
        with urllib.request.urlopen(response.headers["Location"], timeout=30, context=tls) as stored:
            found = digest_of(stored)
    elif response.status != 200:
        return "missing" if response.status == 404 else "failed", f"status {response.status}"
    return ("ok", None) if found == digest else ("wrong", f"got {found}")


for line in sys.stdin:
    wanted = json.loads(line)
    try:
        result, error = read(wanted["path"], wanted["digest"])
    except (OSError, http.client.HTTPException) as problem:
        connection.close()
        result, error = "failed", f"{type(problem).__name__}: {problem}"
    answer = {"repository": wanted["repository"], "digest": wanted["digest"], "result": result, "error": error}
    print(json.dumps(answer))
