# The only command interface. `make` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUST_SOURCES := $(shell find rust_core -name '*.rs' -o -name 'Cargo.toml') Cargo.toml Cargo.lock
PYTHON_SOURCES := $(shell find python -name '*.py' -o -name '*.pyi' -o -name py.typed) README.md LICENSE \
	THIRD-PARTY-NOTICES.txt THIRD-PARTY-NOTICES-columns.txt
LAYER_SOURCES := $(RUST_SOURCES) $(PYTHON_SOURCES) pyproject.toml $(wildcard deploy/layer/*.py)
BUILT := $(VENV)/.built
# Runtime clients of Lambda that the tests drive, each in a folder of its own: the newest, the oldest 4.x, one 3.x.
AWSLAMBDARIC := 4.2.2 4.0.0 3.1.1
LAYERS := dist/edgelift-layer-x86_64.zip dist/edgelift-layer-aarch64.zip
MACHINE := $(shell uname -m)
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
WHEEL := dist/edgelift-$(VERSION)-cp311-abi3-manylinux2014_$(MACHINE).manylinux_2_17_$(MACHINE).whl
TOOLS := dist/edgelift-tools-x86_64.zip dist/edgelift-tools-aarch64.zip

.DEFAULT_GOAL := help
.PHONY: help setup run test test-rust test-python test-opensearch test-opensearch-large fuzz torture chaos mutants lint format bench bench-check bench-opensearch kernels docs notices layer wheel layer-test clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(BUILT) ## create .venv with the pinned tools and the built package

$(VENV)/.tools: requirements-dev.txt Makefile
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "edgelift needs Python 3.11 or later: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	for version in $(AWSLAMBDARIC); do $(BIN)/python -m pip install --quiet --no-deps --upgrade \
		--target $(VENV)/awslambdaric/$$version awslambdaric==$$version || exit 1; done
	touch $@

$(BUILT): $(VENV)/.tools $(RUST_SOURCES) pyproject.toml
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --release --quiet
	touch $@

run: setup ## send rows through the whole pipeline into an embedded OpenSearch, and ask it three questions
	$(BIN)/python examples/run.py

test: test-rust test-python ## run all tests, Rust and Python

test-rust:
	cargo test --locked --quiet --package edgelift

test-python: setup
	$(BIN)/python -m pytest --quiet

# Seconds of a run, and its first seed if the same cases are to come again.
SECONDS ?= 60
SEED ?=

fuzz: setup ## compare all APIs on generated logs and events for SECONDS=60; SEED=N repeats the same cases
	cargo build --locked --quiet --release --package edgelift --example reference
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) \
		--reference target/release/examples/reference

# Not part of `test`: it fetches 100 MB into .opensearch once, by Maven, and needs Java 17.
test-opensearch: setup ## test reprocessing into a real OpenSearch; needs Maven and Java 17, and 100 MB in .opensearch/
	$(BIN)/python -m pytest --quiet tests/opensearch

test-opensearch-large: setup ## the same with 1 GB of mixed objects and a job that is killed 20 times; takes minutes
	EDGELIFT_TEST_MEGABYTES=1000 $(BIN)/python -m pytest --quiet tests/opensearch/test_opensearch_killed.py -k twenty

torture: setup ## test jobs that are killed, fail and race for SECONDS=60; SEED=N repeats the same cases
	$(BIN)/python -m tests.torture --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

# Number of runs.
N ?= 300

chaos: setup ## deliver rows under faults of all places at once, in N=300 runs; SEED=N repeats the same runs
	$(BIN)/python -m tests.chaos --runs $(N) $(if $(SEED),--seed $(SEED))

mutants: setup ## check that tests catch each mutant; takes hours; ONLY=WORD selects some
	$(BIN)/python -m tests.mutants $(if $(ONLY),--only $(ONLY))

# Go is needed once: it compiles the pinned version into .tools/.
ACTIONLINT := .tools/actionlint-1.7.12

$(ACTIONLINT):
	GOBIN=$(CURDIR)/.tools go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	mv .tools/actionlint $@

lint: setup $(ACTIONLINT) ## check format, lint, types, the stub against the module, and the workflows; needs Go
	cargo fmt --all --check
	cargo clippy --locked --quiet --workspace --all-targets -- --deny warnings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest edgelift._core
	$(ACTIONLINT) $(wildcard .github/workflows/*.yml)
	$(BIN)/zizmor --offline --quiet .github

format: setup ## format all code
	cargo fmt --all
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup dist/edgelift-layer-x86_64.zip ## run benchmarks and write a dated result to benchmarks/results/
	$(BIN)/python -m benchmarks.bench

bench-check: setup dist/edgelift-layer-x86_64.zip dist/edgelift-tools-x86_64.zip ## check the limits in benchmarks/limits.toml; needs valgrind; builds the x86_64 layers
	$(BIN)/python -m benchmarks.gate

bench-opensearch: setup ## measure index templates on a real OpenSearch, in minutes; needs what test-opensearch needs
	$(BIN)/python -m benchmarks.storage

kernels: ## time the engine's kernels separately
	cargo bench --locked --package edgelift

docs: setup ## update the generated parts of the pages
	$(BIN)/python -m docs.generator

notices: ## write THIRD-PARTY-NOTICES*.txt, the licenses of the linked crates; required when Cargo.lock changes
	$(PYTHON) -m deploy.notices

layer: $(LAYERS) $(TOOLS) ## build the Lambda layers and the layers of their tools in dist/; aarch64 needs apt, and 1 GB in .cross/

$(VENV)/.layer-tools: $(VENV)/.tools deploy/layer/requirements.txt
	$(BIN)/python -m pip install --quiet --requirement deploy/layer/requirements.txt
	touch $@

dist/edgelift-layer-%.zip: $(LAYER_SOURCES) deploy/layer/requirements.txt | $(VENV)/.layer-tools
	$(BIN)/python -m deploy.layer $*

# Plain Python: the same bytes.
dist/edgelift-tools-aarch64.zip: dist/edgelift-tools-x86_64.zip
	cp $< $@

dist/edgelift-tools-%.zip: $(wildcard deploy/layer/*.py) deploy/layer/tools.txt deploy/layer/requirements.txt \
		| $(VENV)/.layer-tools
	$(BIN)/python -m deploy.layer --kind tools $*

# The wheel of the layer, with the command line.
wheel: $(WHEEL) ## build the manylinux2014 wheel of this machine's architecture in dist/

$(WHEEL): $(LAYER_SOURCES) deploy/layer/requirements.txt | $(VENV)/.layer-tools
	$(BIN)/python -m deploy.layer --kind wheel $(MACHINE)

layer-test: setup layer wheel ## test wheel and layers in bare interpreters (aarch64 in an emulator), and that builds are reproducible
	$(BIN)/python -m pytest --quiet tests/layer

clean: ## delete what was built
	rm -rf target $(VENV) .bench .cross .opensearch .tools dist
