#!/usr/bin/env bash
# Installs the programs that the tests would otherwise skip, and further packages if they are named, on Debian 12.
# --missing: names those that are not there, and installs nothing.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

packages=(apache2-utils buildah curl git git-lfs iptables haproxy keepalived logrotate nftables nginx openssh-client
  openssh-server openssl procps python3.11-venv python3-venv shellcheck skopeo sudo systemd unzip)

missing() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

if [[ ${1:-} == --missing ]]; then
  missing "${packages[@]}"
  exit
fi

mapfile -t wanted < <(missing "${packages[@]}" "$@")
((${#wanted[@]})) || exit 0

# They are only run as checkers: nothing may start as a service here.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d
apt-get update --quiet
apt-get install --yes --quiet --no-install-recommends "${wanted[@]}"
rm /usr/sbin/policy-rc.d
