#!/usr/bin/env bash
# Plans every synthesized stack: shows the plans, and saves their text in a file for `registry-cluster review`. Saves each plan itself
# beside its stack, for operate/review/apply.sh. Exits with 1 if a plan fails. Runs no code from the synthesized files.
#   bash operate/review/plan.sh FILE
set -euo pipefail
file=$(realpath "${1:?name a file for the output}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1

plan() {
  local lockfile=()
  # if the providers come from a mirror, synthesis has not locked them
  ! cmp --silent .terraform.lock.hcl "$1/.terraform.lock.hcl" || lockfile=(-lockfile=readonly)
  # plan without locking the state: a review may not write anything
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
  # like cdktf, put every line of a stack behind its name, so that no text in a plan can pass for another stack's
  { printf 'plan of %s\n' "$stack" && plan "$folder"; } < /dev/null 2>&1 |
    sed --unbuffered -e "1s/^/$stack  /" -e "1!s/^/${stack//?/ }  /" | tee --append "$file" || result=1
done
[ "$result" != 0 ] || echo "every plan was made" | tee --append "$file"
exit "$result"
