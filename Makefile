# Every target is a verb of config/bootstrap.py; `make` alone prints them.
PYTHON ?= python3

help run test check demo bench relevance soak lock:
	@$(PYTHON) config/bootstrap.py $@

.PHONY: help run test check demo bench relevance soak lock
