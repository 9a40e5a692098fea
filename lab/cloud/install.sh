#!/bin/bash
# Turns a Debian 12 system into the lab's AWS container. Runs once, as root and with network, while its image is baked.
# Expects this folder at /opt/lab/cloud and the S3 server at /usr/local/bin/versitygw.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive
here=/opt/lab/cloud
units=(lab-configure lab-api lab-dns lab-front lab-proxy lab-s3)

[[ -x /usr/local/bin/versitygw ]] || { echo "install.sh: /usr/local/bin/versitygw is missing: copy it there first" >&2; exit 1; }

# Keeps Debian from starting what it installs: our own units do that, once there is a configuration.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt-get update
apt-get install --yes --no-install-recommends \
  ca-certificates conntrack dnsmasq-base iproute2 nftables nginx-light python3 python3-venv
rm /usr/sbin/policy-rc.d
apt-get clean
rm -rf /var/lib/apt/lists/*

python3 -m venv /opt/lab/venv
/opt/lab/venv/bin/pip install --no-cache-dir --disable-pip-version-check --requirement "$here/requirements.txt"

systemctl mask nginx.service nftables.service
for unit in "${units[@]}"; do
  install -m 644 "$here/systemd/$unit.service" /etc/systemd/system/
done
systemctl enable "${units[@]/%/.service}"
