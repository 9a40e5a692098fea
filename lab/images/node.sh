#!/bin/bash
# Makes the image of a role, from the base image: the packages that the role's Salt states install, by those very states.
set -euo pipefail
current=/var/lib/registry-cluster/current

# The lab has no way out: user data must find the AWS CLI here, as in an image baked for a private network.
apt-get update --quiet
apt-get install --yes --no-install-recommends awscli

install -d "$current"
cp --recursive /bake/salt "$current/salt"
cp /bake/bundle/apply "$current/apply"
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d
"$current/apply" bake "$1"
rm -r /usr/sbin/policy-rc.d /var/lib/registry-cluster /var/log/registry-cluster
apt-get clean
