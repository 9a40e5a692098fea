#!/usr/bin/env bash
# The diff of every stack, shown and kept in a file for `registry-cluster review`. Ends with 1 when a stack's diff fails.
#   bash operate/review/diff.sh FILE
set -euo pipefail
file=$(realpath "${1:?name a file for the output}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export CHECKPOINT_DISABLE=1

rm -rf cdktf.out/stacks
npx cdktf synth 2>&1 | tee "$file"
bash operate/review/plan.sh "$file"
