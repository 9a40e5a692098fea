#!/usr/bin/python3
"""Checks that this node works: its units are active, and its services answer.

Asks again until everything has been well for some seconds, and gives up after a minute. Exits with 0 if it is; else
with 1, after one line for each thing that is wrong. What is asked is in a JSON file, rendered from
templates/checks-file.ts.
"""

import argparse
import http.client
import json
import socket
import ssl
import subprocess
import sys
import time
from typing import Any
from urllib.parse import urlsplit

Checks = dict[str, Any]

TIMEOUT_SEC = 5
PAUSE_SEC = 1
LONGEST_LINE = 200


def findings(checks: Checks) -> list[str]:
    """What is wrong now."""
    return [
        *wrong_units(checks["units"], checks["settledSec"]),
        *filter(None, map(wrong_greeting, checks["greetings"])),
        *filter(None, map(wrong_answer, checks["requests"])),
        *filter(None, map(wrong_file, checks["files"])),
    ]


def wrong_units(units: list[str], settled_sec: int) -> list[str]:
    properties = "--property=Id,ActiveState,ActiveEnterTimestampMonotonic"
    shown = subprocess.run(["systemctl", "show", properties, *units], capture_output=True, text=True, timeout=30)
    if shown.returncode != 0:
        return [f"systemctl: {shown.stderr.strip()}"]
    blocks = shown.stdout.strip().split("\n\n")
    shown_units = (dict(line.split("=", 1) for line in block.splitlines()) for block in blocks)
    return list(filter(None, (wrong_unit(unit, settled_sec) for unit in shown_units)))


def wrong_unit(unit: dict[str, str], settled_sec: int) -> str | None:
    """A unit that crashes at each start is active between crashes, but not for so long."""
    name, state = unit["Id"].removesuffix(".service"), unit["ActiveState"]
    if state not in ("active", "reloading"):
        return f"{name} is {state}, must be active"
    age = time.monotonic() - int(unit["ActiveEnterTimestampMonotonic"]) / 1e6
    return f"{name} started {age:.0f} s ago, must run for {settled_sec} s" if age < settled_sec else None


def wrong_greeting(check: Checks) -> str | None:
    place = f"{check['what']}: {check['address']}:{check['port']}"
    try:
        with socket.create_connection((check["address"], check["port"]), timeout=TIMEOUT_SEC) as connection:
            greeting = connection.recv(100).decode(errors="replace")
    except OSError as error:
        return f"{place}: {error}"
    if greeting.startswith(check["begins"]):
        return None
    return f"{place} says {greeting!r}, must begin with {check['begins']!r}"


def wrong_answer(check: Checks) -> str | None:
    place = f"{check['what']}: {check['url']}"
    try:
        status = status_of(check)
        wrong = None if status == check["status"] else f"{place} answered {status}, must answer {check['status']}"
    except (OSError, http.client.HTTPException) as error:
        wrong = f"{place}: {error or type(error).__name__}"
    if wrong and "given" in check and all(map(wrong_answer, check["given"])):
        return None
    return wrong


def status_of(check: Checks) -> int:
    url = urlsplit(check["url"])
    connection = http.client.HTTPConnection(url.netloc, timeout=TIMEOUT_SEC)
    try:
        connection.connect()
        if check.get("proxyProtocol"):
            connection.sock.sendall(b"PROXY UNKNOWN\r\n")
        if url.scheme == "https":
            connection.sock = tls().wrap_socket(connection.sock, server_hostname=check["host"])
        connection.request("GET", url.path, headers={"Host": check["host"]})
        return connection.getresponse().status
    finally:
        connection.close()


def tls() -> ssl.SSLContext:
    """Without verification: this node asks itself, and does not have the CA's certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def wrong_file(check: Checks) -> str | None:
    try:
        with open(check["path"]) as file:
            return f"{check['what']}: {check['path']}" if check["without"] in file.read() else None
    except FileNotFoundError:
        return None


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks that this node's services work.")
    parser.add_argument("--within", metavar="SECONDS", type=float, default=60, help="how long to ask again; default 60")
    parser.add_argument("--checks", metavar="FILE", default="/etc/registry-cluster/checks.json", help="what to check")
    arguments = parser.parse_args()
    with open(arguments.checks) as file:
        checks = json.load(file)
    begun = well_since = time.monotonic()
    while time.monotonic() - well_since < checks["settledSec"]:
        if wrong := findings(checks):
            well_since = time.monotonic()
            if well_since - begun >= arguments.within:
                for finding in wrong:
                    print(finding[:LONGEST_LINE], file=sys.stderr)
                return 1
        time.sleep(PAUSE_SEC)
    return 0


if __name__ == "__main__":
    sys.exit(main())
