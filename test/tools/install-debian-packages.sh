#!/usr/bin/env bash
# Installs the programs that the tests would otherwise skip, and further packages if they are named. For a CI job on Debian 12.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

# They are only run as checkers: nothing may start as a service here.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d
apt-get update --quiet
apt-get install --yes --quiet --no-install-recommends \
  apache2-utils buildah curl git git-lfs iptables haproxy keepalived logrotate nftables nginx openssh-client openssh-server \
  openssl python3.11-venv python3-venv shellcheck skopeo sudo systemd unzip "$@"
rm /usr/sbin/policy-rc.d
