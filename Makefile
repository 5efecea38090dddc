# What a newcomer runs: `make demo` to see Weir work, `make test` to check it.

SETUP ?= deploy/dev/setup.sh
LINT := swift format lint --strict --recursive Sources Tests Package.swift \
	&& shellcheck .ci/run $$(find . -name "*.sh" -not -path "./.build*")
BUILD := swift build -c release
TEST := deploy/dev/tests.sh
FUZZ_SECONDS ?= 600

.DEFAULT_GOAL := help
.PHONY: help demo test build setup lint bench mutants fuzz clean

help:
	@echo 'make demo    start a broker, PostgreSQL and Weir, and show usage being metered'
	@echo 'make test    all checks and tests, as CI runs them'
	@echo 'make build   .build/release/weir'
	@echo 'make setup   install what the others need (Debian packages; asks for sudo if not root)'
	@echo 'make lint    formatting and scripts'
	@echo 'make bench   measure lag, throughput and cost, and make a page of it (ten minutes, on a quiet machine)'
	@echo 'make fuzz    change inputs of the Avro readers (FUZZ_SECONDS=600 for each kind)'
	@echo 'make mutants break each guard once and see the tests turn red (half an hour)'
	@echo 'make clean   remove what was built'

setup:
	@$(SETUP) --with-python

build:
	@$(SETUP)
	$(BUILD)
	@deploy/dev/stamp.sh

# WEIR_BROKERS and WEIR_POSTGRES make it use servers that are there.
demo: build
	@.build/release/weir demo

lint:
	$(LINT)

# What calibrates the instrument measures time, and has the machine to itself.
# One build for the tests and the programs: the integration tests run .build/release/weir. They wait for servers and
# block threads; what only computes would wait for them if both ran at once.
test:
	@deploy/dev/phases.sh \
		setup '$(SETUP) --with-python' \
		lint '$(LINT)' \
		build '$(BUILD) --build-tests' \
		costs bench/micro/check.sh \
		unit '$(TEST) --skip "^Integration|CalibrationTests"' \
		calibration '$(TEST) --filter "CalibrationTests|Integration.BenchTests"' \
		integration '$(TEST) --filter ^Integration --skip Integration.BenchTests'

# A folder of its own for each day; nothing else should run meanwhile.
bench: build
	@bench/all.sh

# Each guard is broken once, in a copy; the tests have to notice.
mutants: setup
	@Tests/Mutants/run.sh

# Coverage-guided, with bounds of memory checked. Inputs that reach new code join the corpus that the tests run.
fuzz: setup
	@Tests/Fuzz/run.sh $(FUZZ_SECONDS)

clean:
	rm -rf .build
