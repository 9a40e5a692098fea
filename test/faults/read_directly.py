"""Reads manifests and blobs at one registry and compares them with their digests.

Usage: python3 read_directly.py HOST PORT. Standard input has the value of the header Authorization on its first line,
then on each a JSON object with `repository`, `digest` and `path`. Prints one for each: `repository`, `digest`, `result`
and `error`.
"""

import hashlib
import http.client
import json
import sys

host, port = sys.argv[1], int(sys.argv[2])
headers = {"Authorization": sys.stdin.readline().strip(), "Accept": "application/vnd.oci.image.manifest.v1+json"}
connection = http.client.HTTPConnection(host, port, timeout=30)


def read(path: str, digest: str) -> tuple[str, str | None]:
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    sha256 = hashlib.sha256()
    while part := response.read(1024 * 1024):
        sha256.update(part)
    if response.status != 200:
        return "missing" if response.status == 404 else "failed", f"status {response.status}"
    found = f"sha256:{sha256.hexdigest()}"
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
