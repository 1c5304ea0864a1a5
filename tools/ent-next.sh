#!/usr/bin/env bash
# Builds everything, generates what is generated and runs the given tests with another
# version of Ent: tools/ent-next.sh VERSION PACKAGES... It works in a copy of the tree.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1
shift

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

tar -cf - --exclude=.git --exclude=.bin --exclude=node_modules . | tar -xf - -C "$tmp"
cd "$tmp"

# Whatever the other version asks for is written into the copy's go.mod.
export GOFLAGS="${GOFLAGS:-} -mod=mod"
get() { go get "entgo.io/ent@$version" 2>&1 | { grep -v downloading || true; }; }

get
echo "with $(go list -m entgo.io/ent):"
go generate ./ent
go build ./...
go test -timeout 10m "$@"
# Of what is built on it, what shows that it works: the rest does not differ by Ent.
go test -timeout 10m -run '^(Example|TestASignUp|TestHosts|TestInTx|TestAnAddress)' ./auth
for module in examples/*/go.mod; do
	[ -f "$module" ] || continue
	(
		cd "$(dirname "$module")"
		get
		go generate ./ent
		go test -timeout 10m ./...
	)
done
