#!/bin/bash
# Builds the image of a role by installing its packages with the role's own Salt states. `node` is the parent image, with what all
# roles have in common.
set -euo pipefail
current=/var/lib/registry-cluster/current

apt-get update --quiet
install -d "$current"
cp --recursive /bake/salt "$current/salt"
cp /bake/bundle/apply "$current/apply"
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d
"$current/apply" bake "$1"
# The fault clock-moved uses it to give a service another clock than the laptop's.
apt-get install --yes --no-install-recommends libfaketime
rm -r /usr/sbin/policy-rc.d /var/lib/registry-cluster /var/log/registry-cluster
apt-get clean
