# gongkai: `make demo` and `make test` do all the set-up on a fresh machine.
# They need python3 (3.11 or newer, with venv), git and make; nothing else.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
BENCH_STAMP := .venv/.installed-bench
CLUSTER_STAMP := .venv/.installed-cluster

.PHONY: help setup demo test test-slow test-browser torture torture-slice test-year test-year-slice fuzz accuracy bench bench-memory bench-site bench-near cluster-demo test-cluster lint types imports check audit lock vendor clean

help:
	@echo "make demo    set up, crawl the sample portals, open the archive on loopback"
	@echo "make test    set up, run the tests"
	@echo "make test-slow  the tests that take long: kills, scans, crawls with real delays"
	@echo "make test-browser  the public pages in Chromium, both languages, wide and narrow screens"
	@echo "make torture  kills at every step, full and read-only disks, hostile files (an hour); torture-slice: 2 minutes of it"
	@echo "make test-year  a year of the schedule on sample portals that change (SEED=0 make test-year-slice: two of them)"
	@echo "make check   ruff, mypy and the import contracts"
	@echo "make accuracy  cells read right, null and silently wrong, layout by layout"
	@echo "make fuzz    reports damaged at random: no figure may be read wrong (REPORTS=10000 SEED=0)"
	@echo "make bench   reading, crawls, reparse, store and dedupe beside what a user would take instead (5 minutes)"
	@echo "make bench-memory  memory of a crawl of many pages (PAGES=10000)"
	@echo "make bench-site  pages of a large archive with four readers at once, beside plain Datasette"
	@echo "make bench-near  near copies among issuers that share a template: time a report, false joins (none)"
	@echo "make cluster-demo  crawl and read here, and on three workers of which one is killed: the databases are equal"
	@echo "make test-cluster  the tests of the cluster"
	@echo "make audit   ask the advisory database about every pinned library"
	@echo "make lock    renew requirements.lock from pyproject.toml"
	@echo "make vendor  renew the browser libraries from npm, each held to its digest"
	@echo "make clean   remove the environment and the demo's data"

setup: $(STAMP)

# The stamp is newer than the lock and the metadata exactly when the environment holds them.
$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "gongkai needs Python 3.11 or newer: install python3 (e.g. apt-get install python3 python3-venv)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "gongkai needs Python 3.11 or newer; $$($(PYTHON) --version) is too old. Use make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "gongkai needs Python's venv: install it (e.g. apt-get install python3-venv)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: setup
	$(BIN)/gongkai demo

# One process a core; a file's tests stay together, because they share what one crawl made.
test: setup
	$(BIN)/python -m pytest -n auto --dist loadfile

# What takes long: real kills, scans, crawls with real delays, the whole demonstration.
test-slow: setup
	@$(MAKE) --silent .venv-pywb/.installed || echo "pywb is not installed (no network?): its test will skip"
	@$(MAKE) --silent .venv-scrapyd/.installed || echo "scrapyd is not installed (no network?): its test will skip"
	$(BIN)/python -m pytest -m slow

# A reader of web archives that is not ours, to read what we wrote. It wants other versions of what we use.
.venv-pywb/.installed:
	$(PYTHON) -m venv .venv-pywb
	.venv-pywb/bin/python -m pip install --quiet --disable-pip-version-check --retries 1 "pywb>=2.10,<3"
	@touch $@

# Scrapyd over our own environment: it needs pkg_resources, which setuptools gave up with version 82.
.venv-scrapyd/.installed: $(STAMP)
	$(PYTHON) -m venv .venv-scrapyd
	.venv-scrapyd/bin/python -m pip install --quiet --disable-pip-version-check --retries 1 --no-deps "scrapyd>=1.6,<2" "setuptools<81"
	$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > "$$(.venv-scrapyd/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ours.pth"
	@touch $@

# Needs Chromium (.ci/system-packages); screenshots are left in artefacts/browser.
test-browser: setup
	$(BIN)/python -m pytest -m browser tests/browser

# The real commands against kills, full disks, second writers and hostile files. Needs Linux, and root for the
# disks (tests that may not mount one skip). A file's tests share what an undisturbed run made.
torture: setup
	$(BIN)/python -m pytest -n auto --dist loadfile -m torture tests/torture

torture-slice: setup
	$(BIN)/python -m pytest -n auto --dist loadfile -m torture_slice tests/torture

# One process: the year goes by once, and every test looks at its end.
test-year: setup
	$(BIN)/python -m pytest -n0 -m year tests/year

test-year-slice: setup
	SEED=$(SEED) $(BIN)/python -m pytest -n0 -m year_slice tests/year

# Exits with 1 where a single figure is wrong; another SEED makes other reports.
SEED ?= 0
REPORTS ?= 10000
fuzz: setup
	$(BIN)/python -m benchmarks.fuzz --seed $(SEED) --reports $(REPORTS)

accuracy: $(BENCH_STAMP)
	$(BIN)/python -m benchmarks.accuracy

# The first run makes archives of 2,000 and 10,000 reports in benchmarks/out, and takes a minute longer.
bench: $(BENCH_STAMP)
	$(BIN)/python -m benchmarks.run

PAGES ?= 10000
bench-memory: setup
	$(BIN)/python -m benchmarks.run --memory $(PAGES)

# Makes an archive of 100,000 reports the first time (3.5 GB in benchmarks/out).
bench-site: setup
	$(BIN)/python -m benchmarks.site

# Makes an archive of 10,000 reports each time.
bench-near: setup
	$(BIN)/python -m benchmarks.near

# pandas weighs as much as everything else; only the two targets above want it.
$(BENCH_STAMP): requirements-bench.lock $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $(BENCH_STAMP)

# dask.distributed brings some twenty packages that one machine does not need.
$(CLUSTER_STAMP): requirements-cluster.lock $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-cluster.lock
	@touch $(CLUSTER_STAMP)

cluster-demo: $(CLUSTER_STAMP)
	$(BIN)/python -m crawler.cluster.rehearsal

test-cluster: $(CLUSTER_STAMP)
	@$(MAKE) --silent .venv-moto/.installed || echo "moto is not installed (no network?): its test will skip"
	$(BIN)/python -m pytest -n0 -m cluster tests/cluster

# A store that speaks S3, for one test. It wants other versions of what we use.
.venv-moto/.installed:
	$(PYTHON) -m venv .venv-moto
	.venv-moto/bin/python -m pip install --quiet --disable-pip-version-check --retries 1 "moto[s3]>=5.1,<6" "flask>=3.1,<4" "flask-cors>=6,<7"
	@touch $@

check: lint types imports

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

# Hashes and no index address: the lock says what was tested, not where it came from.
lock: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --generate-hashes --extra demo --extra dev --extra ocr --extra export --extra wacz pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --generate-hashes --constraint requirements.lock --extra bench pyproject.toml -o requirements-bench.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --generate-hashes --constraint requirements.lock --extra cluster --extra s3 pyproject.toml -o requirements-cluster.lock

# Asks the advisory database of PyPI about each pinned library; --strict: what cannot be asked about is a failure.
audit: .venv-audit/.installed
	.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.lock -r requirements-cluster.lock

.venv-audit/.installed:
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check "pip-audit>=2.9,<3"
	@touch $@

# Needs npm; everybody else takes the files as they are in the repository.
vendor:
	.ci/vendor

clean:
	rm -rf .venv .venv-pywb .venv-audit .venv-scrapyd data/demo build *.egg-info
