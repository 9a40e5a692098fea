#!/usr/bin/env bash
# Applies the plans that operate/review/plan.sh has saved, and nothing else. Terraform refuses a plan that is out of date.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1

for folder in cdktf.out/stacks/*/; do
  terraform -chdir="$folder" init -input=false -lockfile=readonly
  terraform -chdir="$folder" apply -input=false plan.tfplan
done
