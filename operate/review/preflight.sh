#!/usr/bin/env bash
# Asks AWS what would make the deployment of any cluster fail that CLUSTER_CONFIG names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

config=${CLUSTER_CONFIG:-cluster.yml}
files=("$config")
if [ -d "$config" ]; then
  # those that config/cluster-files.ts takes: neither hidden ones, nor what a builder makes
  mapfile -t files < <(find "$config" -maxdepth 1 ! -type d -iregex '.*/[^.][^/]*\.ya?ml' \
    ! -iregex '.*[./]builds\.ya?ml' | LC_ALL=C sort)
fi

# a job's own disk is gone when it ends, and Terraform's state with it
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
