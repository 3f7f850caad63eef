# `make help` lists the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# cgo is needed by the SQLite driver.
export CGO_ENABLED := 1
WEB := $(shell find web/scripts web/styles web/icons -type f 2>/dev/null) web/build.mjs web/package-lock.json

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build everything and serve the site (settings from .env, if there is one)
	@if [[ -f .env ]]; then set -a; source ./.env; set +a; fi; exec bin/server serve

build: assets ## build the server as bin/server, with the assets in it
	version=$$(scripts/version) && go build -trimpath -ldflags "-s -w -X main.release=$$version" -o bin/server ./cmd/server

assets: web/dist/manifest.json ## build styles and scripts into web/dist, and fetch the decoders of HEIC and AVIF, and the languages of code
	@scripts/decoders
	@scripts/languages

web/dist/manifest.json: web/node_modules/.package-lock.json $(WEB)
	cd web && npm run --silent build

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

test: test-deps assets ## run all tests; the last line says how many ran
	cd web && npm run --silent check
	@scripts/test

test-fast: assets ## run the tests without the race detector; tests of programs that are not installed are skipped
	go test -json -short ./... | node scripts/test-report.mjs

lint: test-deps assets size ## check format, vet and the rules in .golangci.yml; list the dependencies that are behind
	@unformatted=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard -- '*.go')); \
	if [[ -n $$unformatted ]]; then echo "gofmt -w is needed for:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	bin/golangci-lint run ./...
	@scripts/outdated

bench: build ## Go benchmarks, then the server against nginx and a bare net/http one (see docs/benchmarks.md)
	go test -run '^$$' -bench . -benchmem ./...
	go run ./cmd/bench $(BENCH)

load: build ## send a mix of requests to one node, then to two (LOAD='-duration 15m -clients 32')
	go test -run '^$$' -bench '^BenchmarkLoad$$' -benchtime 1x -timeout 120m ./cmd/bench -load $(LOAD)

bench-lists: ## time the lists of the site and the panel with 100,000 users and 1,000,000 comments
	go test -run '^$$' -bench BenchmarkLists -benchtime 10x -timeout 60m ./internal/handlers -large

docs: ## write docs/settings.md, .env.example and the table of README.md from the settings
	go test ./internal/config -run TestManual_IsUpToDate -update

size: ## fail if a Go file has more than 300 lines (test files may)
	@scripts/size

fuzz: assets ## run each fuzz test for FUZZTIME (default 30s)
	@scripts/fuzz

screenshots: assets ## take the screenshots of README.md and docs/ again, on a site with the demo data
	go test ./internal/e2e -run '^TestDocsScreenshots$$' -count 1 -docs-screenshots $(CURDIR)/docs/screenshots

lighthouse: assets ## have Lighthouse (from npm) look at the main pages as on a phone, and print their points
	go test ./internal/e2e -run '^TestLighthouse$$' -count 1 -v -timeout 30m -lighthouse 'npx --yes lighthouse@12.8.2'

sbom: build ## write the inventory of all libraries (CycloneDX): dist/sbom-go.json and dist/sbom-web.json
	@mkdir -p dist
	go run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 \
		bin -json -std -version "$$(scripts/version)" -output dist/sbom-go.json bin/server
	cd web && npm sbom --sbom-format cyclonedx --package-lock-only > ../dist/sbom-web.json

release: assets ## build the server for amd64 and arm64, static, into dist, start each, and collect the licences of its parts
	@mkdir -p dist
	scripts/build-static dist/cloakroom-linux-amd64 amd64
	scripts/build-static dist/cloakroom-linux-arm64 arm64
	scripts/try-static dist/cloakroom-linux-amd64
	scripts/try-static dist/cloakroom-linux-arm64
	rm -rf dist/licenses && scripts/licenses dist/licenses && tar -C dist -czf dist/licenses.tar.gz licenses
	cd dist && sha256sum cloakroom-linux-amd64 cloakroom-linux-arm64 licenses.tar.gz >SHA256SUMS

dockerfile: ## run the steps of the Dockerfile without Docker, in a new directory, and start what they build
	dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
		go test ./internal/e2e -run '^TestDockerfile_Builds$$' -count 1 -v -timeout 30m -dockerfile "$$dir"

test-deps: ## install what the tests need: PostgreSQL, Redis, nginx, Chromium, S3 and ACME servers, the linter
	@scripts/test-deps

clean: ## remove everything that was built
	rm -rf bin dist web/node_modules
	find web/dist internal/images/decoders internal/preview/languages -mindepth 1 ! -name .gitkeep -delete

.PHONY: help run build assets test test-fast lint bench load bench-lists docs size fuzz screenshots lighthouse sbom release dockerfile test-deps clean
