# One word for everything; `make` alone lists the words. CI runs nothing that is not here.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

CONFIGURATION ?= Release
# One MSBuild node per core, at most two: more do not help on a machine of two cores and take their memory.
NODES ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 2 ? n : 2)))
SELFHEAL := artifacts/selfheal/selfheal
DOTNET_FLAGS := -c $(CONFIGURATION) --nologo -v minimal
PUBLISH := dotnet publish src/SelfHeal.Sidecar $(DOTNET_FLAGS) -m:$(NODES) -o artifacts/selfheal
# Over the folder and not the solution: it takes seconds, and what builds generate is left out.
FORMAT := dotnet format whitespace . --folder --exclude "**/obj/**" "**/node_modules/**"
SCENARIO ?= bad-canary
MODE ?= standalone
BENCHMARKS := dotnet run -c $(CONFIGURATION) --project bench/SelfHeal.Benchmarks --

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1
# MSBuild nodes that stay behind keep the output pipe open, and a CI job would wait for them.
export MSBUILDDISABLENODEREUSE := 1

DEMO_FLAGS := --scenario $(SCENARIO) --mode $(MODE) $(if $(FLUSH),--flush $(FLUSH)) $(if $(RUNS),--runs $(RUNS))

.PHONY: help build test format demo bench figures record-streams healthy-10min clean

help: ## List these words
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 16 | sed 's/^/  make /'
	@echo
	@echo '  make demo SCENARIO=bad-canary|innocent-canary|wrong-guess [FLUSH=1s] [RUNS=5]'
	@echo '  make demo MODE=istio    the same incidents behind a real Istiod (MESH_BIN, PATH, or ISTIOD_XDS and KUBECTL)'
	@echo '  make figures ONLY=stats.decode,stats.path'

build: ## Build and leave a runnable artifacts/selfheal/selfheal
	$(PUBLISH)

# Everything goes through run-tests, so that whatever fails, the last line says how many.
test: ## Build all, run every test, the format check and the allocation gate
	build/run-tests --build '$(PUBLISH) && dotnet build SelfHeal.sln $(DOTNET_FLAGS) -m:$(NODES)' \
	  --gate format '$(FORMAT) --verify-no-changes' \
	  --gate allocations 'dotnet run --no-build -c $(CONFIGURATION) --project bench/SelfHeal.Benchmarks -- --gate bench/expected-allocations.json'

format: ## Put white space in order where `make test` finds it is not
	$(FORMAT)

demo: build ## Break a canary and watch it being healed
	$(if $(filter istio,$(MODE)),build/in-mesh )$(SELFHEAL) demo $(DEMO_FLAGS)

bench: ## Run the benchmarks (FILTER='*Scoring*')
	$(BENCHMARKS) --filter '$(or $(FILTER),*)' --inProcess --job short

figures: ## Measure every published figure, write bench/results/figures.json and print a table
	$(BENCHMARKS) figures bench/results/figures.json $(ONLY)

record-streams: ## Record bench/streams from a real Envoy anew (ENVOY_BIN)
	$(BENCHMARKS) record-streams bench/streams $(ONLY)

healthy-10min: ## Record ten minutes of a healthy Envoy and judge them: any suspicion is a fault
	$(BENCHMARKS) healthy-10min artifacts/healthy-10min.frames.br

clean: ## Remove what builds leave
	rm -rf artifacts TestResults
	find src tests bench -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
