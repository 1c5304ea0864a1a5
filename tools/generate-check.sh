#!/usr/bin/env bash
# Generates ent/ anew in a copy of the tree, and fails if it then differs from what
# is here. The tree itself is not touched.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f ent/generate.go ] || { echo "generate-check: no ent/generate.go here" >&2; exit 1; }

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

tar -cf - --exclude=.git --exclude=.bin --exclude=node_modules . | tar -xf - -C "$tmp"
(cd "$tmp" && go generate ./ent)
diff -ru ent "$tmp/ent" || {
	echo "generate-check: ent/ is not what its schema generates; run: make generate" >&2
	exit 1
}
