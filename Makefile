# Torii for Go. "make" alone lists what there is.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# PKGS are the packages to work on.
PKGS ?= ./...
# NESTED are the modules beside the library's: the examples with an Ent schema of their
# own, and the tests in a browser.
NESTED := $(patsubst %/go.mod,%,$(wildcard examples/*/go.mod internal/browser/go.mod))
# MORE are their packages, where all are meant.
MORE := $(if $(filter ./...,$(PKGS)),$(NESTED:%=./%/...))
# TESTFLAGS are added to those of go test: make test TESTFLAGS='-run TestSignIn -count=1'
TESTFLAGS ?=
# ENT_NEXT is the Ent that comes after the one in go.mod.
ENT_NEXT ?= v0.14.6
BENCH ?= .
BENCH_COUNT ?= 6
# BENCH_OLD is an earlier bench.txt to compare with.
BENCH_OLD ?=

# A checkout owned by somebody else is no reason for go build to fail.
export GOFLAGS := $(strip $(shell go env GOFLAGS) -buildvcs=false)

# Most of a cold build is SQLite's C code. Checks take it half optimised.
CHECKS := generate-check vet lint test test-ent-next vuln cover
$(CHECKS): export CGO_CFLAGS ?= -O1

WITHDB := .bin/withdb
# WORK joins the modules for one command; a checkout has none by itself.
WORK := $(CURDIR)/.bin/go.work

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: gcc ## run the demonstration site, with SQLite, on http://localhost:8080
	go run ./examples/site

.PHONY: generate
generate: ## run every go:generate (internal/commonpass needs npm)
	go generate ./...

.PHONY: generate-check
generate-check: ## fail if ent/ is not what its schema generates
	tools/generate-check.sh

.PHONY: fmt
fmt: ## fail if a file is not gofmt's
	@files=$$(find . \( -name .git -o -name node_modules \) -prune -o -name '*.go' -print0 | xargs -0 gofmt -l); \
	if [ -n "$$files" ]; then printf 'not formatted; run: make fmt-fix\n%s\n' "$$files"; exit 1; fi

.PHONY: fmt-fix
fmt-fix: ## format every file
	@find . \( -name .git -o -name node_modules \) -prune -o -name '*.go' -print0 | xargs -0 gofmt -w

.PHONY: vet
vet: gcc $(WORK) ## run go vet
	GOWORK=$(WORK) go vet $(PKGS) $(MORE)

.PHONY: lint
lint: gcc ## run staticcheck, errcheck and gosec
	tools/lint.sh $(PKGS)
	@for dir in $(if $(MORE),$(NESTED)); do MODULE=$$dir tools/lint.sh ./...; done

.PHONY: test
test: gcc $(WITHDB) $(WORK) ## test on SQLite, PostgreSQL, MariaDB and MySQL, with the race detector
	TORII_FRESH=$$(date +%s) GOWORK=$(WORK) $(WITHDB) -go-test -race -shuffle=on -timeout 15m $(TESTFLAGS) $(PKGS) $(MORE)

ENT_NEXT_PKGS := $(foreach d,ent migrate entauth,./$(d)/...)

.PHONY: test-ent-next
test-ent-next: gcc $(WITHDB) ## build and test with the next version of Ent
	$(WITHDB) -- tools/ent-next.sh $(ENT_NEXT) $(ENT_NEXT_PKGS)

.PHONY: vuln
vuln: gcc ## look for known vulnerabilities (GOVULNDB names another database)
	tools/vuln.sh $(PKGS)
	@for dir in $(if $(MORE),$(NESTED)); do MODULE=$$dir tools/vuln.sh ./...; done

# The tests come last, so that their count ends the output.
.PHONY: check
check: ## everything that CI runs
	@for target in fmt generate-check vet lint vuln test-ent-next test; do \
		printf '\n== make %s\n' "$$target"; begin=$$SECONDS; \
		$(MAKE) --no-print-directory "$$target" || { printf '\n== make %s FAILED\n' "$$target"; exit 1; }; \
		[ "$$target" = test ] || printf '== make %s: %d s\n' "$$target" $$((SECONDS - begin)); \
	done

.PHONY: bench
bench: gcc $(WITHDB) ## run the benchmarks and summarise them in benchstat's form (BENCH, BENCH_COUNT, BENCH_OLD)
	$(WITHDB) -- go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(BENCH_COUNT) -timeout 60m $(PKGS) | tee bench.txt
	go tool -modfile=tools/go.mod benchstat $(BENCH_OLD) bench.txt

.PHONY: cover
cover: gcc $(WITHDB) ## measure the tests' coverage of the hand-written code
	$(WITHDB) -- go test -coverprofile cover.out -coverpkg "$$(go list $(PKGS) | grep -v '/ent\(/\|$$\)' | paste -sd,)" $(TESTFLAGS) $(PKGS)
	@go tool cover -func cover.out | tail -n 1

.PHONY: gcc
gcc:
	@command -v "$${CC:-gcc}" >/dev/null || { echo "SQLite's driver needs a C compiler, and there is no $${CC:-gcc} (Debian, Ubuntu: apt-get install gcc libc6-dev)"; exit 1; }

.PHONY: $(WORK)
$(WORK):
	@mkdir -p .bin && rm -f .bin/go.work .bin/go.work.sum
	@cd .bin && GOWORK=off go work init .. $(NESTED:%=../%)

# Always built: go build knows better than make what has changed.
.PHONY: $(WITHDB)
$(WITHDB):
	@go build -o $@ ./internal/testdb/cmd/withdb
