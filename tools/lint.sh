#!/usr/bin/env bash
# Reads the code with staticcheck, errcheck and gosec: tools/lint.sh [packages]
# (all of them by default). Their versions are those of tools/go.mod. MODULE is the
# folder of another module than the library's.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$PWD/tools
cd "${MODULE:-.}"
[ $# -gt 0 ] || set -- ./...
tool() { go tool -modfile="$tools/go.mod" "$@"; }

# The folders with hand-written code: generated code is its generator's to mend.
dirs=()
while read -r dir; do
	if [ -n "$(find "$dir" -maxdepth 1 -name '*.go' -exec grep -L '^// Code generated .* DO NOT EDIT\.$' {} +)" ]; then
		dirs+=("$dir")
	fi
done < <(go list -f '{{.Dir}}' "$@")
[ "${#dirs[@]}" -gt 0 ] || { echo "lint: no hand-written Go in $*" >&2; exit 1; }

failed=0

# What it checks is in staticcheck.conf.
tool staticcheck "${dirs[@]}" || failed=1

# Tests may drop what they do not test.
tool errcheck -ignoretests -ignoregenerated -exclude "$tools/errcheck.txt" "${dirs[@]}" || failed=1

# G101 (hard-coded credentials) goes by names, and here everything is called credential,
# password or token. G104 (errors unhandled) is errcheck's part, which has its
# exceptions written down. An exception in the code is: // #nosec G404 -- the reason
# internal/testdb and the generators in gen/ run programs and write files of their own:
# all that gosec has to say about them is that they do. No product links them. Tests
# and generated files are left out.
product=()
for dir in "${dirs[@]}"; do
	[[ $dir/ == */internal/testdb/* || $dir/ == */gen/* ]] || product+=("$dir")
done
if [ "${#product[@]}" -gt 0 ]; then
	tool gosec -quiet -color=false -exclude-generated -exclude=G101,G104 "${product[@]}" || failed=1
fi

[ "$failed" = 0 ] || { echo "lint: findings above" >&2; exit 1; }
