#!/usr/bin/env bash
# Every linter over the whole checkout. Linters of other languages come from their packages, pinned, into .cache/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools=.cache/lint
if [ ! -x "$tools/bin/salt-lint" ] || ! cmp --silent test/tools/requirements.txt "$tools/requirements.txt"; then
  python3 -m venv --clear "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check --requirement test/tools/requirements.txt
  cp test/tools/requirements.txt "$tools/requirements.txt"
fi

step() { printf '%s\n' "- $*"; "$@"; }
tracked() { git ls-files --cached --others --exclude-standard -- "$@"; }
scripts() { tracked | xargs grep --files-with-matches --max-count=1 --extended-regexp '^#!/(usr/bin/env bash|bin/bash|bin/sh)' | grep -v '\.njk$'; }

step npx biome check --error-on-warnings
step npx tsc --noEmit
mapfile -t files < <(tracked '*.ts' '*.js' ':!test')
step npx depcruise --config .dependency-cruiser.js --output-type err "${files[@]}"
mapfile -t files < <(scripts)
step shellcheck "${files[@]}"
mapfile -t files < <(tracked '*.sls')
step "$tools/bin/salt-lint" "${files[@]}"
mapfile -t files < <(tracked '*.yml' '*.yaml' ':!*.njk')
step "$tools/bin/yamllint" --strict "${files[@]}"
mapfile -t files < <(tracked '.github/workflows/*.yml' 'images/ci/github.yml')
step npx tsx test/tools/actionlint.ts "${files[@]}"
step "$tools/bin/zizmor" --offline --no-progress --quiet "${files[@]}"
step "$tools/bin/ruff" check salt lab test
step "$tools/bin/ruff" format --check salt lab test
