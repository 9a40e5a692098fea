#!/bin/bash
# Turns a bare Debian into the equivalent of its cloud image, bootable in a container.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

apt-get update --quiet
apt-get install --yes --no-install-recommends \
  ca-certificates curl dbus iproute2 iputils-ping kmod less nftables openssh-server procps python3 \
  sudo systemd systemd-sysv systemd-timesyncd
apt-get clean

# These make no sense without hardware, or would wait for a network manager.
systemctl mask systemd-udevd.service systemd-udev-trigger.service systemd-modules-load.service \
  systemd-networkd-wait-online.service getty.target console-getty.service
systemctl set-default multi-user.target
install -m 0755 /bake/machines/docker/scripts/lab-init /bake/machines/docker/scripts/lab-user-data /usr/local/sbin/
install -m 0644 /bake/machines/docker/scripts/lab-user-data.service /etc/systemd/system/
systemctl enable lab-user-data.service

# The lab has certificates for AWS's host names from its own CA.
install -m 0644 /run/lab-ca.crt /usr/local/share/ca-certificates/lab.crt
update-ca-certificates

# Debian's cloud image has this user too.
useradd --create-home --shell /bin/bash admin
