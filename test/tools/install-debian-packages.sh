#!/usr/bin/env bash
# Installs the programs that the tests would otherwise skip, and further packages if they are named, on Debian.
# --missing: names those that are not there, and installs nothing.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

packages=(apache2-utils buildah busybox-static cloud-guest-utils curl fdisk git git-lfs iproute2 iptables haproxy keepalived logrotate
  nftables nginx openssh-client openssh-server openssl procps python3 python3-venv shellcheck skopeo sudo systemd unzip xfsprogs)

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

# They are only run as checkers: nothing may start as a service here, ...
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap 'rm "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 0755 "$policy"
fi
apt-get update --quiet
apt-get install --yes --quiet --no-install-recommends "${wanted[@]}"

# ... nor when the machine boots the next time.
declare -A services=([haproxy]=haproxy [keepalived]=keepalived [nginx]=nginx [openssh-server]=ssh)
for package in "${wanted[@]}"; do
  [[ ! -v services[$package] ]] || systemctl disable --quiet "${services[$package]}"
done
