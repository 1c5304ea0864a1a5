#!/usr/bin/env bash
# Generates the Ent clients anew in a copy of the tree, and fails if they then differ
# from what is here. The tree itself is not touched.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f ent/generate.go ] || { echo "generate-check: no ent/generate.go here" >&2; exit 1; }

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

tar -cf - --exclude=.git --exclude=.bin --exclude=node_modules . | tar -xf - -C "$tmp"

# The examples with an Ent schema of their own are modules of their own.
for dir in . examples/*/; do
	dir=${dir%/}
	[ -f "$dir/go.mod" ] || continue
	(cd "$tmp/$dir" && go generate ./ent)
	diff -ru "$dir/ent" "$tmp/$dir/ent" && diff -u "$dir/go.mod" "$tmp/$dir/go.mod" || {
		echo "generate-check: $dir/ent is not what its schema generates; run in $dir: go generate ./ent" >&2
		exit 1
	}
done
