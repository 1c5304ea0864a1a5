#!/usr/bin/env bash
# Looks for known vulnerabilities that the code can reach: tools/vuln.sh [packages].
# The database is GOVULNDB (a URL, file:// too), or the archive TORII_VULNDB_TARBALL,
# or the public one. A database out of reach is said loudly and is no failure: what
# has not changed here must not fail because of a network. A finding is a failure.
# MODULE is the folder of another module than the library's.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$PWD/tools
cd "${MODULE:-.}"
[ $# -gt 0 ] || set -- ./...

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

db=()
if [ -n "${GOVULNDB:-}" ]; then
	db=(-db "$GOVULNDB")
elif [ -n "${TORII_VULNDB_TARBALL:-}" ] && [ -f "$TORII_VULNDB_TARBALL" ]; then
	tar -xzf "$TORII_VULNDB_TARBALL" -C "$tmp"
	index=$(find "$tmp" -path '*/index/db.json' -print -quit)
	[ -n "$index" ] || { echo "vuln: no database in $TORII_VULNDB_TARBALL" >&2; exit 1; }
	db=(-db "file://${index%/index/db.json}")
fi

code=0
go tool -modfile="$tools/go.mod" govulncheck "${db[@]}" "$@" >"$tmp/out" 2>"$tmp/err" || code=$?
cat "$tmp/out"
cat "$tmp/err" >&2
if [ "$code" != 0 ] && [ "$code" != 3 ] && grep -Eq 'fetching vulnerabilities:|creating client:' "$tmp/err"; then
	echo "*** NOT CHECKED for known vulnerabilities: the database is out of reach" >&2
	exit 0
fi
exit "$code"
