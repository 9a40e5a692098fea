"""Runs once at start, before all services: closes the gateway, then writes the services' configuration."""

import os
from pathlib import Path

from .front import nginx_conf, s3_environment
from .gateway import ruleset
from .internet import find_interfaces, run_command
from .resolver import dnsmasq_conf
from .settings import HOSTS_DIRECTORY, METADATA_ADDRESS, RUN_DIRECTORY, read_settings

FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


def main() -> None:
    settings = read_settings(os.environ)
    # This comes first: nothing may be forwarded before addresses are known.
    interfaces = find_interfaces(settings)
    run_command("nft", "-f", "-", stdin=ruleset(settings, interfaces, []))
    if FORWARDING.read_text().strip() != "1":
        FORWARDING.write_text("1\n")
    run_command("ip", "address", "replace", f"{METADATA_ADDRESS}/32", "dev", "lo")
    run_command("ip", "address", "replace", f"{settings.s3_address}/32", "dev", interfaces.vpc)

    Path(HOSTS_DIRECTORY).mkdir(parents=True, exist_ok=True)
    Path(RUN_DIRECTORY, "dnsmasq.conf").write_text(dnsmasq_conf(settings))
    Path(RUN_DIRECTORY, "nginx.conf").write_text(nginx_conf(settings))
    secrets = Path(RUN_DIRECTORY, "s3.env")
    secrets.touch(mode=0o600)
    secrets.write_text(s3_environment(settings))


if __name__ == "__main__":
    main()
