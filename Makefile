# Everything is made from a Rust toolchain, Python 3.9 or later with pip, and a C compiler.
# Python packages go to .venv and nowhere else. Files in $(STAMPS) record what is done, so nothing is done twice.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := target/stamps
# Where cargo and maturin share their builds: tests, lints and the extension are one profile of one directory.
export CARGO_TARGET_DIR := $(CURDIR)/target
# maturin finds the environment to install into by this variable.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

DEMO_SIZE  ?= 200MB
BENCH_SIZE ?= 200MB
RUST_FILES   := Cargo.toml Cargo.lock $(shell find src -type f)
PYTHON_FILES := pyproject.toml $(shell find python -type f -not -name '*.so' -not -path '*/__pycache__/*' 2>/dev/null)
GENERATOR    := benches/generate.rs $(wildcard benches/generate/*.rs)

.DEFAULT_GOAL := help
.PHONY: help demo test test-rust test-python wheel bench bench-rust bench-python bench-families bench-json \
        lint lint-rust lint-python format format-docs doc clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(STAMPS)/wheel-installed target/generate ## a 200 MB log to Parquet, with a peer beside it
	$(BIN)/python benches/python/demo.py --size $(DEMO_SIZE)

test: lint test-rust test-python ## everything: formatting, lints, Rust, doc, Python and notebook tests

lint: lint-rust lint-python ## formatting and lints, warnings are errors

# With feature python, pyo3's build script asks an interpreter; naming the one that maturin uses saves a rebuild.
lint-rust: export PYO3_PYTHON = $(CURDIR)/$(BIN)/python
lint-rust: $(BIN)/python
	cargo fmt --all --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --all-targets --features python -- -D warnings

lint-python: $(STAMPS)/test-tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# `cargo test` runs unit, integration and doc tests.
test-rust:
	cargo test --locked
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

test-python: $(STAMPS)/extension
	$(BIN)/python -m pytest

format: $(STAMPS)/test-tools ## format Rust and Python
	cargo fmt --all
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

format-docs: $(STAMPS)/extension ## docs/formats.md from the built-in formats
	$(BIN)/python docs/generate.py

doc: ## the Rust documentation
	cargo doc --locked --no-deps --open

wheel: $(STAMPS)/build-tools ## a manylinux_2_28 wheel in dist/
	rm -rf dist
	$(BIN)/maturin build --locked --release --zig --compatibility manylinux_2_28 \
		--target x86_64-unknown-linux-gnu --out dist
	$(BIN)/auditwheel show dist/*.whl
	@ls -l dist/*.whl

bench: bench-rust bench-python ## both kinds of benchmark

# The profile of the wheel, so that the figures are those of what users install.
bench-rust:
	cargo bench --locked
	cargo bench --locked -p logarrow-bench-json

bench-python: $(STAMPS)/wheel-installed $(STAMPS)/bench-tools target/generate ## logarrow beside its peers
	$(BIN)/python benches/python/compare.py --size $(BENCH_SIZE)

bench-families: $(STAMPS)/wheel-installed $(STAMPS)/bench-tools target/generate ## one log of each family, beside its peers
	$(BIN)/python benches/python/compare_families.py

bench-json: $(STAMPS)/wheel-installed $(STAMPS)/bench-tools target/generate ## JSON logs, beside its peers
	$(BIN)/python benches/python/compare_json.py

clean: ## remove all that was made, .venv included
	rm -rf target dist $(VENV) python/logarrow/*.so

# ---- what the commands above stand on

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/maturin: $(BIN)/python
	$(BIN)/python -m pip install -q "maturin>=1.16,<2"
	@mkdir -p $(@D) && touch $@

$(STAMPS)/build-tools: $(STAMPS)/maturin
	$(BIN)/python -m pip install -q ziglang auditwheel
	rustup target add x86_64-unknown-linux-gnu 2>/dev/null || true
	@mkdir -p $(@D) && touch $@

# The lists of packages stand in pyproject.toml only; before Python 3.11, pip's own copy of the TOML reader serves.
define REQUIREMENTS
import sys
try:
    import tomllib
except ImportError:
    from pip._vendor import tomli as tomllib
with open("pyproject.toml", "rb") as file:
    print("\n".join(tomllib.load(file)["project"]["optional-dependencies"][sys.argv[1]]))
endef
export REQUIREMENTS

$(STAMPS)/%-tools: pyproject.toml $(STAMPS)/maturin
	$(BIN)/python -c "$$REQUIREMENTS" $* > target/requirements-$*.txt
	$(BIN)/python -m pip install -q -r target/requirements-$*.txt
	@mkdir -p $(@D) && touch $@

# For tests: an editable install with profile dev, whose builds of dependencies clippy and `cargo test` use too.
$(STAMPS)/extension: $(RUST_FILES) $(PYTHON_FILES) $(STAMPS)/test-tools
	$(BIN)/maturin develop --locked --profile dev
	@mkdir -p $(@D) && rm -f $(STAMPS)/wheel-installed && touch $@

# For the demo and benchmarks: the wheel as users get it, without the manylinux detour.
$(STAMPS)/wheel-installed: $(RUST_FILES) $(PYTHON_FILES) $(STAMPS)/maturin
	rm -rf target/wheels
	$(BIN)/maturin build --locked --release --compatibility linux --out target/wheels
	$(BIN)/python -m pip install -q --force-reinstall --no-deps target/wheels/*.whl
	$(BIN)/python -m pip install -q "$$(ls target/wheels/*.whl)[polars]"
	@mkdir -p $(@D) && rm -f $(STAMPS)/extension && touch $@

target/generate: $(GENERATOR)
	@mkdir -p target
	rustc --edition 2024 -O benches/generate.rs -o $@
