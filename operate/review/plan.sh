#!/usr/bin/env bash
# Plans every stack that was synthesized: shows the plans, and keeps their text in a file for `registry-cluster review`. Each plan
# itself is kept beside its stack, for operate/review/apply.sh. Ends with 1 when a plan fails. Runs nothing of what was synthesized.
#   bash operate/review/plan.sh FILE
set -euo pipefail
file=$(realpath "${1:?name a file for the output}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1

plan() {
  local lockfile=()
  # where the providers come from a mirror, synthesis has left their lock open
  ! cmp --silent .terraform.lock.hcl "$1/.terraform.lock.hcl" || lockfile=(-lockfile=readonly)
  # reading takes no lock of the state: a review may write nothing
  node operate/review/plan-form.js "$1/cdk.tf.json" &&
    terraform -chdir="$1" init -input=false "${lockfile[@]}" &&
    terraform -chdir="$1" plan -input=false -lock=false -out=plan.tfplan
}

: > "$file"
result=0
for folder in cdktf.out/stacks/*/; do
  stack=$(basename "$folder")
  if [[ ! $stack =~ ^[a-z][a-z0-9-]*$ ]]; then
    printf '%q: not the name of a stack\n' "$stack" >&2
    exit 1
  fi
  # as cdktf shows it: every line of a stack is behind its name, so that no text in a plan passes for another one's
  { printf 'plan of %s\n' "$stack" && plan "$folder"; } < /dev/null 2>&1 |
    sed --unbuffered -e "1s/^/$stack  /" -e "1!s/^/${stack//?/ }  /" | tee --append "$file" || result=1
done
[ "$result" != 0 ] || echo "every plan was made" | tee --append "$file"
exit "$result"
