# What people and CI call. Each target is one command or a list of targets; the work is done by cargo and xtask.

CARGO ?= cargo
# Seconds for each fuzz target.
FUZZ_SECONDS ?= 120
# Cases for each property in `make soak` (an ordinary run takes 256).
SOAK_CASES ?= 20000
# How often `make soak` kills the server.
SOAK_KILLS ?= 500
# Seeds of the simulation in `make soak` (an ordinary run takes 800).
SOAK_SEEDS ?= 50000
# Fuzz targets are checked with the toolchain at hand; only running them needs nightly.
FUZZ_TARGETS = arm expression json workflow

# The server that tests start themselves.
HAS_POSTGRES = command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1

.DEFAULT_GOAL := help
.PHONY: help run test verify bench fuzz soak tools format lint tidy unit doctest deny fuzz-check
.NOTPARALLEL:

help: ## lists the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: ## builds the product and shows an incident being answered
	$(CARGO) run --release --package riposte -- up

test: tools format tidy lint unit doctest deny fuzz-check ## everything that must hold before a change lands; CI calls this
	@echo "make test: all passed"

verify: test fuzz soak ## what a release must pass: the tests, then fuzzing and many more random cases

bench: ## measures, and prints the figures; expressions beside adaptive-expressions where Node is there
	$(CARGO) bench --workspace --bench '*'

fuzz: ## fuzzes each reader for FUZZ_SECONDS (needs nightly and cargo-fuzz)
	@$(CARGO) +nightly --version >/dev/null 2>&1 || { echo "make fuzz: needs a nightly toolchain: rustup toolchain install nightly"; exit 1; }
	@$(CARGO) fuzz --version >/dev/null 2>&1 || $(CARGO) install --locked cargo-fuzz
	@$(CARGO) run --quiet --package xtask -- seeds
	@set -e; for target in $(FUZZ_TARGETS); do echo "== $$target: $(FUZZ_SECONDS) s"; \
	  $(CARGO) +nightly fuzz run $$target -- -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=4096 \
	  -max_len=65536 -print_final_stats=1 -verbosity=0 \
	  $$(test -f fuzz/$$target.dict && echo -dict=fuzz/$$target.dict); done

soak: ## every property test with SOAK_CASES random cases, SOAK_KILLS kills of the server, SOAK_SEEDS simulations
	PROPTEST_CASES=$(SOAK_CASES) RIPOSTE_KILLS=$(SOAK_KILLS) RIPOSTE_SIM_SEEDS=$(SOAK_SEEDS) \
	  $(CARGO) nextest run --workspace --no-fail-fast --profile soak

# What `make test` is made of.

tools:
	@$(CARGO) nextest --version >/dev/null 2>&1 || $(CARGO) install --locked cargo-nextest
	@for tool in fmt clippy; do $(CARGO) $$tool --version >/dev/null 2>&1 \
	  || { command -v rustup >/dev/null && rustup component add $$(echo $$tool | sed s/fmt/rustfmt/) >/dev/null 2>&1; } \
	  || echo "skipped: cargo $$tool is absent and could not be installed"; done
	@$(HAS_POSTGRES) || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && { apt-get install -y postgresql || { apt-get update && apt-get install -y postgresql; }; } >/dev/null 2>&1; } \
	  || echo "skipped: PostgreSQL is absent and could not be installed; its tests pass without looking"
	@for tool in python3 node npm; do command -v $$tool >/dev/null \
	  || echo "skipped: $$tool is absent; tests with clients of its language pass without looking"; done
	@$(CARGO) fetch --quiet --locked
	@test -d ../shared || echo "skipped: ../shared is absent; tests of the cases and playbooks in it pass without looking"

format:
	@if $(CARGO) fmt --version >/dev/null 2>&1; then \
	  $(CARGO) fmt --all --check && $(CARGO) fmt --manifest-path fuzz/Cargo.toml --check; fi

tidy:
	@$(CARGO) run --quiet --package xtask -- tidy

lint:
	@if $(CARGO) clippy --version >/dev/null 2>&1; then $(CARGO) clippy --workspace --all-targets -- -D warnings; fi

# The engine's tests once more over PostgreSQL, where it is installed.
unit:
	$(CARGO) nextest run --workspace
	@if $(HAS_POSTGRES); then RIPOSTE_TEST_STORE=postgres $(CARGO) nextest run --package riposte-engine; fi

doctest:
	$(CARGO) test --workspace --doc --quiet

# Licences, bans and sources need no network; advisories do, and are for `cargo deny check` by hand.
deny:
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny --offline check --hide-inclusion-graph bans licenses sources; \
	  else echo "skipped: cargo-deny is absent; cargo install --locked cargo-deny"; fi

fuzz-check:
	$(CARGO) check --quiet --manifest-path fuzz/Cargo.toml --no-default-features --target-dir target
