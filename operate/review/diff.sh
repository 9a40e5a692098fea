#!/usr/bin/env bash
# Shows the diff of every stack, and saves it in a file for `registry-cluster review`. Exits with 1 if a stack's diff fails.
#   bash operate/review/diff.sh FILE
set -euo pipefail
file=$(realpath "${1:?name a file for the output}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export CHECKPOINT_DISABLE=1

rm -rf cdktf.out/stacks
npx cdktf synth 2>&1 | tee "$file"
bash operate/review/plan.sh "$file"
