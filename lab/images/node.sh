#!/bin/bash
# Makes the image of a role, from the base image: the packages that the role's Salt states install, by those very states.
set -euo pipefail
current=/var/lib/registry-cluster/current

apt-get update --quiet
install -d "$current"
cp --recursive /bake/salt "$current/salt"
cp /bake/bundle/apply "$current/apply"
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d
"$current/apply" bake "$1"
rm -r /usr/sbin/policy-rc.d /var/lib/registry-cluster /var/log/registry-cluster
apt-get clean
