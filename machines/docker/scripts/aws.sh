#!/bin/bash
# Turns the base image into that of the AWS machine.
set -euo pipefail
install -d /opt/lab
cp --recursive /bake/lab/cloud /opt/lab/cloud
install -m 0755 /run/versitygw /usr/local/bin/versitygw
bash /opt/lab/cloud/install.sh
