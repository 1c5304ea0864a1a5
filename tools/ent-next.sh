#!/usr/bin/env bash
# Builds everything and runs the given tests with another version of Ent:
# tools/ent-next.sh VERSION PACKAGES... The module's own go.mod is not touched.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1
shift

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cp go.mod go.sum "$tmp"
go get -modfile="$tmp/go.mod" "entgo.io/ent@$version" 2>&1 | { grep -v downloading || true; }
echo "with $(go list -modfile="$tmp/go.mod" -mod=mod -m entgo.io/ent):"
go build -modfile="$tmp/go.mod" -mod=mod ./...
go test -modfile="$tmp/go.mod" -mod=mod -timeout 10m "$@"
