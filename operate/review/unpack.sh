#!/usr/bin/env bash
# Unpacks another job's plans and images into the checkout, and nothing else that Terraform would read.
#   bash operate/review/unpack.sh FILE
set -euo pipefail
file=$(realpath "${1:?name the archive}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

refuse() {
  printf '%s\n' "$file: $1" "  mend: check what the previous job has packed: it differs from what this checkout packs" >&2
  exit 1
}

stack='cdktf\.out/stacks/[^/]+/(cdk\.tf\.json|\.terraform\.lock\.hcl|plan\.tfplan|generated/.*)?'
expected="^(cdktf\.out/|cdktf\.out/manifest\.json|cdktf\.out/stacks/|$stack|\.cache/registry-cluster/images/[^/]*)\$"
# a link's target could be anywhere
if tar --list --verbose --file "$file" | grep --invert-match '^[-d]' >&2; then
  refuse "has something that is neither a file nor a folder"
fi
if tar --list --file "$file" | grep --invert-match --extended-regexp "$expected" >&2; then
  refuse "has something that is neither a plan nor an image"
fi
tar --extract --no-same-owner --file "$file"
# use the providers of this checkout, whatever came with the stacks
for folder in cdktf.out/stacks/*/; do cp .terraform.lock.hcl "$folder"; done
