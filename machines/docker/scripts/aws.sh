#!/bin/bash
# Makes the machine that plays AWS, from the base image.
set -euo pipefail
install -d /opt/lab
cp --recursive /bake/lab/cloud /opt/lab/cloud
install -m 0755 /run/versitygw /usr/local/bin/versitygw
bash /opt/lab/cloud/install.sh
