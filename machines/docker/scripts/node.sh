#!/bin/bash
# Makes the image of a role: the packages that the role's Salt states install, by those very states. `node` is what all roles
# have in common, and the image that theirs are made from.
set -euo pipefail
current=/var/lib/registry-cluster/current

apt-get update --quiet
install -d "$current"
cp --recursive /bake/salt "$current/salt"
cp /bake/bundle/apply "$current/apply"
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d
"$current/apply" bake "$1"
# Gives a service another clock than the laptop's, for the fault clock-moved.
apt-get install --yes --no-install-recommends libfaketime
rm -r /usr/sbin/policy-rc.d /var/lib/registry-cluster /var/log/registry-cluster
apt-get clean
