# Every target's line after ## is its help.
PYTHON ?= python
.DEFAULT_GOAL := help

.PHONY: help install fmt check test test-browser eval bench serve

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: ## Install everything, tests and linters included
	$(PYTHON) -m pip install -r requirements.txt

fmt: ## Format the code and apply the linter's safe fixes
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

check: ## Formatting, linting and types, as in .ci/run
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy

test: ## All tests (browser tests where a Chromium is found)
	$(PYTHON) -m pytest

test-browser: ## The browser tests alone
	$(PYTHON) -m pytest -m browser

eval: ## Generated questions over the demo shop, judged against its records
	$(PYTHON) -m assistant.evaluation questions knowledge_base/demo_shop

bench: ## What docs/serving.md tells, measured anew (some 25 minutes)
	$(PYTHON) -m benchmarks.model_faults
	-$(PYTHON) -m benchmarks.lying_model --show 5
	-$(PYTHON) -m benchmarks.lying_model --set fresh --show 5
	$(PYTHON) -m benchmarks.model_overhead
	$(PYTHON) -m benchmarks.ramp
	$(PYTHON) -m benchmarks.local_serving

serve: ## The chat page of the demo shop on http://127.0.0.1:7860
	$(PYTHON) -m ui
