#!/usr/bin/env bash
# Asks AWS what would make the deployment of any cluster in CLUSTER_CONFIG fail.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

config=${CLUSTER_CONFIG:-cluster.yml}
files=("$config")
if [ -d "$config" ]; then
  # the same files as in config/cluster-files.ts: no hidden ones, and none that configure a builder
  mapfile -t files < <(find "$config" -maxdepth 1 ! -type d -iregex '.*/[^.][^/]*\.ya?ml' \
    ! -iregex '.*[./]builds\.ya?ml' | LC_ALL=C sort)
fi

# a job's disk is deleted when it ends, and Terraform's local state with it
is_kept='process.exit(JSON.parse(fs.readFileSync(0)).config.backend.s3 ? 0 : 1)'
for file in "${files[@]}"; do
  npx registry-cluster --config "$file" config check --json | node --eval "$is_kept" || {
    printf '%s\n' "$file: backend.s3: missing: the state of this deployment would be lost" \
      "  mend: name a bucket for the state, see docs/environments.md" >&2
    exit 2
  }
done

for file in "${files[@]}"; do
  npx registry-cluster --config "$file" preflight
done
