# The front door: `make` lists what there is. GNU Make 3.81 (macOS) must do.
# Give another study with `make all STUDY=examples/gti DATA_RAW=/path/to/data OUT=/path/to/results`.

STUDY    ?= study
DATA_RAW ?= data_raw
OUT      ?= .
JOBS     ?= $(shell getconf _NPROCESSORS_ONLN || echo 2)
DASK     ?=
PYTHON   ?=

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL: # notebooks run side by side inside `all`; `make -j clean all` must still clean first
.PHONY: help setup all why verify graph multiverse diff test lab bench synth settle summaries clean lock ready

export PYTHONPATH := $(CURDIR)/src$(if $(PYTHONPATH),:$(PYTHONPATH))
# What a user installed for all their projects is not in the lock.
export PYTHONNOUSERSITE := 1

ENVIRONMENT = src/nsi/pipeline/environment.py
quoted   = '$(subst ','\'',$(1))'
absolute = $(if $(filter /%,$(firstword $(1))),$(1),$(CURDIR)/$(1))
STUDY_ARGS = --study $(call quoted,$(STUDY)) --data-raw $(call quoted,$(DATA_RAW))
ARGS = $(STUDY_ARGS) --out $(call quoted,$(OUT))
RUN_ARGS = $(ARGS) --jobs $(call quoted,$(JOBS)) $(if $(DASK),--dask $(call quoted,$(DASK)))

# An activated environment is used as it is where it equals the lock; else .venv. Asked once, when first needed.
PY = $(eval PY := $$(shell $$(CHOOSE)))$(PY)
CHOOSE = for home in "$$VIRTUAL_ENV" "$$CONDA_PREFIX"; do \
	test -n "$$home" && ! test "$$home" -ef .venv && "$$home/bin/python" -I $(ENVIRONMENT) check >/dev/null 2>&1 && \
	echo "$$home/bin/python" && exit; done; echo .venv/bin/python

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Variables: STUDY (study), DATA_RAW (data_raw), OUT (.), JOBS (cores), DASK (tcp://...), PYTHON (to build .venv)"

setup: ready ## build .venv from requirements.lock, once; every command below does it by itself
	@echo "ready:" $(call quoted,$(PY))

all: ready ## run every notebook that is not fresh; figures, tables and numbers to OUT/figures
	@$(call quoted,$(PY)) -m nsi.pipeline all $(RUN_ARGS)

why: ready ## say what `make all` would run, and because of what
	@$(call quoted,$(PY)) -m nsi.pipeline why $(RUN_ARGS)

verify: ready ## make everything again in two fresh copies and compare with the record (QUICK=1: only files; WORK=folder keeps the copies)
	@$(call quoted,$(PY)) -m nsi.pipeline.verify $(ARGS) $(if $(QUICK),--quick) $(if $(ANYWAY),--anyway) $(if $(WORK),--work $(call quoted,$(WORK)))

graph: ready ## draw what needs what, with what is not fresh, to OUT/build/graph.svg
	@$(call quoted,$(PY)) -m nsi.pipeline.graph_picture $(ARGS)

multiverse: ready ## run chosen notebooks under every combination of declared choices; curves to OUT/build/multiverse/result
	@$(call quoted,$(PY)) -m nsi.pipeline multiverse $(RUN_ARGS)

diff: ready ## compare two results: A=<revision or folder> (HEAD) with B=<revision or folder> (OUT); FAIL=1 fails if they differ
	@$(call quoted,$(PY)) -m nsi.pipeline.diff --out $(call quoted,$(OUT)) $(if $(A),--a=$(call quoted,$(A))) \
	$(if $(B),--b=$(call quoted,$(B))) $(if $(FAIL),--fail-on-change)

test: ready ## run the tests (PYTEST_ARGS="-k words" for some of them)
	@$(call quoted,$(PY)) -m pytest -n $(call quoted,$(JOBS)) --dist loadscope $(PYTEST_ARGS)

lab: ready ## open the notebooks in JupyterLab
	@NSI_STUDY=$(call quoted,$(call absolute,$(STUDY))) NSI_DATA_RAW=$(call quoted,$(call absolute,$(DATA_RAW))) \
	NSI_OUT=$(call quoted,$(call absolute,$(OUT))) JUPYTER_PREFER_ENV_PATH=1 \
	$(call quoted,$(PY)) -m jupyterlab notebooks

bench: ready ## measure agreement coefficients against other libraries (BENCH=survey, matrix, pipeline or kills: those)
	@$(call quoted,$(PY)) $(call quoted,benchmarks/$(if $(BENCH),$(BENCH),agreement).py)

synth: ready ## write the look-alike data of STUDY to DATA_RAW (SCALE=100 DATA_RAW=/an/empty/folder for a large survey)
	@$(call quoted,$(PY)) -m nsi.synthetic $(STUDY_ARGS) $(if $(SCALE),--scale $(call quoted,$(SCALE)))

settle: ready ## read a filled adjudication workbook back: FILE=adjudication_x.xlsx FIELD=x
	@$(call quoted,$(PY)) -m nsi.settle $(STUDY_ARGS) --file $(call quoted,$(FILE)) --field $(call quoted,$(FIELD))

summaries: ready ## read summaries edited in Word or Excel back: FILE=matrix_x.docx|xlsx MATRIX=x WHO=initials
	@$(call quoted,$(PY)) -m nsi.summaries $(STUDY_ARGS) --file $(call quoted,$(FILE)) --matrix $(call quoted,$(MATRIX)) \
	--who $(call quoted,$(WHO))

clean: ready ## remove what `make all` rebuilds; never DATA_RAW
	@$(call quoted,$(PY)) -m nsi.pipeline clean $(ARGS)

lock: ## maintainers: make requirements.lock again from pyproject.toml (needs uv; LOCK_ARGS=--upgrade for newer versions)
	@command -v uv >/dev/null || { echo "make lock needs uv; nothing else does. Install it, then try again." >&2; exit 1; }
	@uv pip compile pyproject.toml --group dev --group wheels --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet $(LOCK_ARGS) --output-file requirements.lock

# Where .venv is finished and the lock unchanged, no Python is started for this.
ready:
	@$(if $(filter-out .venv/bin/python,$(PY)),exit 0;) \
	test -x .venv/bin/python && cmp -s requirements.lock .venv/installed.lock && exit 0; \
	for home in "$$VIRTUAL_ENV" "$$CONDA_PREFIX"; do test -z "$$home" || "$$home/bin/python" -I $(ENVIRONMENT) check; done; \
	for python in $(if $(PYTHON),$(call quoted,$(PYTHON)),python3 python3.13 python3.12 python3.11 python); do \
	"$$python" -I $(ENVIRONMENT) version >/dev/null 2>&1 && exec "$$python" -I $(ENVIRONMENT) setup; done; \
	echo "make: no Python 3.11, 3.12 or 3.13 was found. Install one, or name it: make setup PYTHON=/path/to/python3.12" >&2; exit 1
