#!/usr/bin/python3
"""EIP keeper: keeps a cluster's Elastic IP on the node that keepalived made MASTER.

Reads keepalived's notify FIFO and calls AssociateAddress; never disassociates.
One thread does everything in sequence, so that API calls and VRRP states cannot overtake each other.
"""

import argparse
import http.client
import json
import os
import random
import re
import select
import stat
import sys
import time
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields, replace
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlsplit

import boto3.session
from botocore.config import Config as BotoConfig
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError


class Kind(NamedTuple):
    """What the JSON text of a value must look like."""

    regex: str
    meaning: str


TEXT = Kind(r'"\S.*"', "text that is not empty")
PATH = Kind(r'"/.+"', "an absolute path")
URL = Kind(r'"http://[^/\s]+(/\S*)?"', "a URL that starts with http://")
SECONDS = Kind(r"0\.\d*[1-9]\d*|[1-9]\d*(\.\d+)?", "a number of seconds above 0")


def setting(kind: Kind, **options: Any) -> Any:
    return field(metadata={"kind": kind}, **options)


@dataclass(frozen=True)
class Config:
    """The JSON file. Its keys are these names in camel case."""

    region: str = setting(TEXT)
    cluster: str = setting(TEXT)
    address_role: str = setting(TEXT)
    instance: str = setting(TEXT)
    fifo: str = setting(PATH)
    health_url: str = setting(URL)
    peer_url: str = setting(URL)  # {peer}: the peer's address. 200 if the peer serves and is master
    reconcile_interval_sec: float = setting(SECONDS)
    api_timeout_sec: float = setting(SECONDS)
    master_file: str = setting(PATH)  # exists while this node is master; peers see it at `peer_url`
    state_file: str = setting(PATH, default="/run/eip-keeper/state")
    keepalived_pid_file: str = setting(PATH, default="/run/keepalived.pid")
    imds_endpoint: str = setting(URL, default="http://169.254.169.254")


SETTINGS = {re.sub("_([a-z])", lambda match: match[1].upper(), known.name): known for known in fields(Config)}
"""The settings by their keys in the JSON file."""


def parse_config(source: str) -> Config:
    """Raises ValueError with every fault."""
    given = json.loads(source)
    if not isinstance(given, dict):
        raise ValueError("the config must be a JSON object")
    faults = [f"{key}: unknown key, known are {', '.join(SETTINGS)}" for key in given if key not in SETTINGS]
    for key, known in SETTINGS.items():
        kind: Kind = known.metadata["kind"]
        if key not in given:
            faults += [f"{key}: missing, must be {kind.meaning}"] if known.default is MISSING else []
        elif not re.fullmatch(kind.regex, value := json.dumps(given[key])):
            faults.append(f"{key}: must be {kind.meaning}, got {value}")
    if faults:
        raise ValueError("; ".join(faults))
    return Config(**{SETTINGS[key].name: value for key, value in given.items()})


# ---- core: pure

FIRST_RETRY_SEC = 0.2
MAX_HOLD_OFF_SEC = 900.0
CALM_SEC = 300.0
SETTLE_INTERVALS = 3
"""For so many intervals after a take, EC2 may still report who had the address: its reads are eventually consistent."""


class Peer(Enum):
    """What the node that has the address reports about itself."""

    SERVING_MASTER = "serving-master"
    NO_MASTER = "no-master"  # or it does not serve
    SILENT = "silent"


@dataclass(frozen=True)
class State:
    """What the keeper knows. Methods return the next state, without side effects. Times are monotonic, in seconds."""

    interval: float
    vrrp: str = "BACKUP"
    due: float = 0.0  # when to act next
    rush: bool = False  # just became master: take the address without looking where it is
    failures: int = 0  # failed attempts in a row
    held_since: float | None = None
    losses: int = 0  # how often in a row the address was taken away while this node stayed master
    leave_until: float = 0.0  # until then, a node that took the address and does not answer may keep it
    seen: str | None = None  # who had the address when EC2 was last asked
    settles_at: float = 0.0  # until then, EC2 may still report `seen`

    def heard(self, word: str, now: float) -> "State":
        """keepalived sent `word`. A new VRRP state resets retries and losses, because it is a new decision."""
        if word in ("BACKUP", "FAULT", "STOP", "DELETED"):
            return State(self.interval, word, now + self.interval, seen=self.seen)
        if word == "MASTER" or (word == "MASTER_RX_LOWER_PRI" and self.vrrp != "MASTER"):
            return State(self.interval, "MASTER", now, rush=True, seen=self.seen)
        if word == "MASTER_RX_LOWER_PRI":
            # The peer was also master for a moment and may have the address: keepalived's source (vrrp.c) mentions
            # AWS where it sends this. It sends it for each advert: act on the first, and leave the rest to the timer.
            just_taken = self.held_since is not None and now - self.held_since < CALM_SEC
            if not (self.rush or just_taken or now < self.leave_until):
                return replace(self, due=now, rush=True)
        return self

    def saw(self, holder: str | None, me: str, now: float, jitter: float) -> "State":
        """EC2 reported which interface has the address. `jitter` is from 0 to 1.

        When a master loses the address for the first time, it takes it back at once, which corrects short glitches.
        But two masters that cannot reach each other must not fight forever. So after further losses it leaves the
        address with a silent peer, for a time that doubles with each loss, up to 15 minutes. Losses are reset when VRRP
        changes, or after holding the address ten times as long.
        """
        if self.is_stale(holder, me, now):
            return replace(self, due=now + self.interval)
        seen = replace(self, due=now + self.interval, seen=holder, settles_at=0.0)
        if holder == me:
            return replace(seen, failures=0, held_since=now if self.held_since is None else self.held_since)
        if self.held_since is None:
            return seen
        calm = now - self.held_since >= max(CALM_SEC, 10 * self.hold_off(self.losses, 1))
        losses = 1 if calm else self.losses + 1
        return replace(seen, held_since=None, losses=losses, leave_until=now + self.hold_off(losses, jitter))

    def is_stale(self, holder: str | None, me: str, now: float) -> bool:
        """Whether this is probably who had the address before this node took it."""
        return now < self.settles_at and holder == self.seen != me

    def misses(self, holder: str | None, me: str, now: float) -> bool:
        """Whether the address belongs here but is elsewhere."""
        return self.vrrp == "MASTER" and holder != me and not self.is_stale(holder, me, now)

    def takes_from(self, peer: Peer, now: float) -> bool:
        """Whether to take a missed address: at once from a node that is not master, after a wait from a silent one."""
        return peer is Peer.NO_MASTER or (peer is Peer.SILENT and now >= self.leave_until)

    def took(self, now: float) -> "State":
        settles_at = now + SETTLE_INTERVALS * self.interval
        return replace(self, rush=False, failures=0, held_since=now, due=now + self.interval, settles_at=settles_at)

    def failed(self, now: float, jitter: float) -> "State":
        """Retries soon, then with growing pauses, but at least once per interval."""
        pause = min(self.interval, FIRST_RETRY_SEC * 2 ** min(self.failures, 16)) * (0.5 + jitter / 2)
        return replace(self, failures=self.failures + 1, due=now + pause)

    def hold_off(self, losses: int, jitter: float) -> float:
        longest = min(MAX_HOLD_OFF_SEC, self.interval * 2 ** min(losses - 1, 16))
        return longest * (0.5 + jitter / 2) if losses > 1 else 0.0


# ---- edge: FIFO, HTTP, EC2, processes

CONNECT_SEC = 1.0
"""Within a region, whoever does not accept a connection by then is gone."""


class Refused(Exception):
    """Why the address cannot be taken now, other than an error of the API."""


class NoAnswer(Refused):
    """There was no response."""


class Fifo:
    """keepalived's notify FIFO. Also open for writing, so that it does not end when keepalived closes it."""

    def __init__(self, path: str) -> None:
        if not os.path.exists(path):
            os.mkfifo(path, 0o600)
        if not stat.S_ISFIFO(os.stat(path).st_mode):
            raise OSError(f"{path} is not a FIFO: remove it, or name another path")
        self.fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def words(self, instance: str, timeout_sec: float) -> list[str]:
        """What keepalived sent about the instance: `INSTANCE "service" MASTER 100` gives MASTER."""
        if not select.select([self.fd], [], [], max(0.0, timeout_sec))[0]:
            if os.fstat(self.fd).st_nlink == 0:
                sys.exit("event=ended reason=fifo-removed")  # keepalived removes its own FIFO when it ends: restart
            return []
        heard = os.read(self.fd, 65536).decode(errors="replace")  # the capacity of a pipe; lines are written atomically
        return [word for name, word in re.findall(r'^INSTANCE "(.*)" ([A-Z_]+) \d+$', heard, re.M) if name == instance]


def ask(method: str, url: str, headers: dict[str, str]) -> str:
    """HTTP without proxies or redirects, for addresses within the cluster. Raises Refused unless the status is 200."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=1)
    try:
        connection.request(method, parts.path or "/", headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            raise Refused(f"{url}: HTTP {response.status}")
        return response.read().decode().strip()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise NoAnswer(f"{url}: {error or type(error).__name__}") from error
    finally:
        connection.close()


class Holder(NamedTuple):
    interface: str | None
    private_address: str


class Identity(NamedTuple):
    interface: str
    private_address: str


def read_identity(endpoint: str) -> Identity:
    """This node's identity from instance metadata version 2, which requires a token."""
    token = ask("PUT", f"{endpoint}/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})

    def read(path: str) -> str:
        return ask("GET", f"{endpoint}/latest/meta-data/{path}", {"X-aws-ec2-metadata-token": token})

    return Identity(read(f"network/interfaces/macs/{read('mac')}/interface-id"), read("local-ipv4"))


def ec2_client(config: Config, endpoint_url: str | None = None) -> Any:
    """
    One attempt per call, because the keeper retries itself: botocore's retries would outlive a change of state. EC2's
    name has an address in each zone of the proxies; the client tries them one after the other, and a zone may be gone.
    """
    limits = BotoConfig(
        connect_timeout=min(CONNECT_SEC, config.api_timeout_sec),
        read_timeout=config.api_timeout_sec,
        retries={"total_max_attempts": 1},
    )
    session = boto3.session.Session(region_name=config.region)
    return session.client("ec2", config=limits, endpoint_url=endpoint_url)


class ElasticIp:
    """The cluster's address as EC2 sees it."""

    def __init__(self, config: Config, make_client: Callable[[Config], Any]) -> None:
        self.config, self.make_client = config, make_client
        self.client: Any = None
        self.allocation = ""

    def call(self, operation: str, **arguments: Any) -> Any:
        self.client = self.client or self.make_client(self.config)
        try:
            return getattr(self.client, operation)(**arguments)
        except NoCredentialsError:
            self.client = None  # a client that was made without credentials never looks for them again
            raise

    def holder(self) -> Holder:
        """Who has the address. Only DescribeAddresses is reliable: the old holder's metadata may still show it."""
        tags = {"tag:Cluster": self.config.cluster, "tag:Role": self.config.address_role}
        filters = [{"Name": name, "Values": [value]} for name, value in tags.items()]
        found = self.call("describe_addresses", Filters=filters)["Addresses"]
        if len(found) != 1:
            raise Refused(f"{len(found)} addresses with {tags}, must be one")
        self.allocation = found[0]["AllocationId"]
        return Holder(found[0].get("NetworkInterfaceId") or None, found[0].get("PrivateIpAddress", ""))

    def take(self, me: Identity) -> None:
        if not self.allocation:
            self.holder()
        try:
            self.call(
                "associate_address",
                AllocationId=self.allocation,
                NetworkInterfaceId=me.interface,
                PrivateIpAddress=me.private_address,
                AllowReassociation=True,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "InvalidAllocationID.NotFound":
                self.allocation = ""  # it was replaced: look it up again
            raise


def keepalived_process(pid_file: str) -> str | None:
    """Identifies the running keepalived by pid and start time (field 22 in proc(5)), because pids are reused."""
    try:
        with open(pid_file) as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/stat") as file:
            return f"{pid}:{file.read().rpartition(')')[2].split()[19]}"
    except (OSError, ValueError):
        return None


def log(event: str, **facts: Any) -> None:
    """One line to stderr: event=taken interface=eni-1. Values with spaces are quoted."""
    for name, fact in facts.items():
        event += f" {name}={fact if re.fullmatch('[!-~]+', str(fact)) else json.dumps(str(fact))}"
    print(f"event={event}", file=sys.stderr, flush=True)


# ---- the loop


class Keeper:
    def __init__(self, config: Config, make_client: Callable[[Config], Any]) -> None:
        self.config, self.elastic_ip, self.fifo = config, ElasticIp(config, make_client), Fifo(config.fifo)
        self.me: Identity | None = None
        self.condition = ""
        self.keepalived = keepalived_process(config.keepalived_pid_file)
        self.state = State(config.reconcile_interval_sec, vrrp=self.restored())
        self.publish()
        log("started", instance=config.instance, vrrp=self.state.vrrp)

    def restored(self) -> str:
        """The last VRRP state, if the keepalived that sent it still runs."""
        try:
            with open(self.config.state_file) as file:
                saved = json.load(file)
            return saved["vrrp"] if self.keepalived and saved["keepalived"] == self.keepalived else "BACKUP"
        except (OSError, ValueError, KeyError, TypeError):
            return "BACKUP"

    def run(self) -> NoReturn:
        while True:
            for word in self.fifo.words(self.config.instance, self.state.due - time.monotonic()):
                self.hear(word)
            if time.monotonic() >= self.state.due:
                self.act()

    def hear(self, word: str) -> None:
        was, self.state = self.state.vrrp, self.state.heard(word, time.monotonic())
        if self.state.vrrp == was:
            return
        log("vrrp", state=self.state.vrrp, was=was)
        self.condition = ""
        self.keepalived = keepalived_process(self.config.keepalived_pid_file)
        draft = self.config.state_file + ".new"
        try:
            with open(draft, "w") as file:
                json.dump({"vrrp": self.state.vrrp, "keepalived": self.keepalived}, file)
            os.replace(draft, self.config.state_file)
        except OSError as error:
            log("state-not-saved", reason=error)
        self.publish()

    def publish(self) -> None:
        """Shows to peers whether this node is master."""
        file = Path(self.config.master_file)
        try:
            file.touch() if self.state.vrrp == "MASTER" else file.unlink(missing_ok=True)
        except OSError as error:
            log("state-not-shown", reason=error)

    def act(self) -> None:
        """Looks where the address is and takes it if it belongs here; a new master takes it without looking."""
        running = keepalived_process(self.config.keepalived_pid_file)
        if self.state.vrrp == "MASTER" and self.keepalived not in (None, running):
            return self.hear("STOP")  # it was killed, so it could not announce that
        try:
            self.me = self.me or read_identity(self.config.imds_endpoint)
            if self.state.rush or self.look(self.me):
                self.take(self.me)
        except (Refused, BotoCoreError, ClientError) as error:
            self.state = self.state.failed(time.monotonic(), random.random())
            self.note("failed", reason=error.response["Error"]["Code"] if isinstance(error, ClientError) else error)

    def look(self, me: Identity) -> bool:
        """Whether to take the address."""
        (holder, address), now, losses = self.elastic_ip.holder(), time.monotonic(), self.state.losses
        self.state = self.state.saw(holder, me.interface, now, random.random())
        if self.state.losses != losses:
            log("lost", to=holder, losses=self.state.losses, left_sec=round(max(0.0, self.state.leave_until - now), 1))
        if not self.state.misses(holder, me.interface, now):
            stale = self.state.is_stale(holder, me.interface, now)
            self.note("settling" if stale else "holding" if holder == me.interface else "watching", holder=holder)
            return False
        peer = self.ask_peer(address) if holder else Peer.NO_MASTER
        wanted = self.state.takes_from(peer, now)
        if not wanted:
            self.note("leaving", holder=holder, peer=peer.value)
        return wanted

    def ask_peer(self, address: str) -> Peer:
        try:
            ask("GET", self.config.peer_url.replace("{peer}", address), {})
        except NoAnswer:
            return Peer.SILENT
        except Refused:
            return Peer.NO_MASTER
        return Peer.SERVING_MASTER

    def take(self, me: Identity) -> None:
        ask("GET", self.config.health_url, {})  # the address is useless on a node that does not serve
        begun = time.monotonic()
        self.elastic_ip.take(me)
        self.state = self.state.took(time.monotonic())
        self.note("taken", interface=me.interface, ms=round(1000 * (time.monotonic() - begun)))

    def note(self, event: str, **facts: Any) -> None:
        """Logs a condition only when it begins."""
        condition, self.condition = self.condition, f"{event} {facts}"
        if self.condition != condition:
            log(event, **facts)


def main(arguments: list[str], make_client: Callable[[Config], Any] = ec2_client) -> int:
    """SIGTERM needs no handler: it ends Python at once, and leaves nothing inconsistent."""
    parser = argparse.ArgumentParser(description="Keeps the Elastic IP on the node that keepalived made MASTER.")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--config", metavar="FILE", help="run with this JSON file")
    source.add_argument("--check", metavar="FILE", help="only check this JSON file: exit 0 if it is valid, else 2")
    chosen = parser.parse_args(arguments)
    try:
        with open(chosen.check or chosen.config) as file:
            config = parse_config(file.read())
        if chosen.check:
            return 0
        keeper = Keeper(config, make_client)
    except (OSError, ValueError) as error:
        log("bad-config", reason=error)
        return 2
    keeper.run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
