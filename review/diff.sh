#!/usr/bin/env bash
# The diff of every stack, shown and kept in a file for `registry-cluster review`. Ends with 1 when a stack's diff fails.
#   bash review/diff.sh FILE
set -euo pipefail
file=${1:?name a file for the output}
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Reading takes no lock: the role of a review may write nothing, and a deployment at the same time is none of its business.
export TF_CLI_ARGS_plan=-lock=false TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1

npx cdktf synth 2>&1 | tee "$file"
result=0
while read -r stack; do
  npx cdktf diff --skip-synth "$stack" < /dev/null 2>&1 | tee --append "$file" || result=1
done < <(node --print 'Object.keys(JSON.parse(fs.readFileSync("cdktf.out/manifest.json")).stacks).join("\n")')
exit "$result"
