"""Applies the internet gateway: updates kernel, state file and connections to match the addresses."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from threading import Lock

from .gateway import Interfaces, PublicAddress, moved, ruleset
from .settings import ADDRESS_STATE, Settings


class InternetGateway:
    def __init__(
        self,
        settings: Settings,
        interfaces: Interfaces,
        run: Callable[..., str] | None = None,
        state_path: str = ADDRESS_STATE,
    ):
        self._settings = settings
        self._interfaces = interfaces
        self._run = run or run_command
        self._state_path = Path(state_path)
        self._current: tuple[PublicAddress, ...] | None = None
        self._lock = Lock()

    def apply(self, addresses: Sequence[PublicAddress]) -> None:
        """When this returns, packets take the new route. Does nothing if nothing has changed."""
        wanted = tuple(sorted(addresses, key=lambda a: a.public_ip))
        with self._lock:
            if wanted == self._current:
                return
            before = self._current or ()
            self._own_public_addresses(before, wanted)
            self._run("nft", "-f", "-", stdin=ruleset(self._settings, self._interfaces, wanted))
            for address in moved(before, wanted):
                self._break_connections(address)
            self._current = wanted
            self._write_state(wanted)

    def _own_public_addresses(self, before: Sequence[PublicAddress], wanted: Sequence[PublicAddress]) -> None:
        """Lets this container answer ARP for every public address on the internet network."""
        old, new = {a.public_ip for a in before}, {a.public_ip for a in wanted}
        for public_ip in sorted(new - old):
            self._run("ip", "address", "replace", f"{public_ip}/32", "dev", self._interfaces.internet)
        for public_ip in sorted(old - new):
            self._run("ip", "address", "delete", f"{public_ip}/32", "dev", self._interfaces.internet)

    def _break_connections(self, was: PublicAddress) -> None:
        """Deletes the connections of the old holder, so that the new rules apply to their next packet."""
        for selector in (
            ["--orig-dst", was.public_ip],
            ["--reply-dst", was.public_ip],
            # Connections through a published port: they name the holder, not the Elastic IP.
            ["--orig-dst", str(self._settings.internet_address), "--reply-src", str(was.private_ip)],
        ):
            self._run("conntrack", "--delete", *selector, ok_codes=(0, 1))

    def _write_state(self, addresses: Sequence[PublicAddress]) -> None:
        text = json.dumps({"addresses": [asdict(a) for a in addresses]}, indent=2)
        fresh = self._state_path.with_suffix(".new")
        fresh.write_text(text + "\n")
        fresh.replace(self._state_path)


def find_interfaces(settings: Settings) -> Interfaces:
    """Finds interfaces by their addresses, because Docker numbers them in any order."""
    names = {
        info["local"]: link["ifname"]
        for link in json.loads(run_command("ip", "-json", "-4", "address"))
        for info in link["addr_info"]
    }
    for name, address in (("VPC_ADDRESS", settings.vpc_address), ("INTERNET_ADDRESS", settings.internet_address)):
        if str(address) not in names:
            raise LookupError(f"no interface has {name} {address}; there are {', '.join(sorted(names))}")
    return Interfaces(vpc=names[str(settings.vpc_address)], internet=names[str(settings.internet_address)])


def run_command(*command: str, stdin: str | None = None, ok_codes: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=20)
    if done.returncode not in ok_codes:
        raise RuntimeError(f"{' '.join(command)} failed with {done.returncode}: {done.stderr.strip()}")
    return done.stdout
