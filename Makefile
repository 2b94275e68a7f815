# The everyday targets; each is a script of a few lines that can be read in scripts/.
.DEFAULT_GOAL := help
.PHONY: help setup build run test lint check bench image clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: ## Install what is missing and start Docker
	@scripts/setup

build: ## Build the two programs in target/release
	cargo build --locked --release -p shed-cli -p shed-server

run: ## Build everything and start a server with a shed named demo
	@scripts/run

test: setup ## Run every test, also those against the real Docker
	@scripts/timed test scripts/test

lint: ## Formatting, clippy, documentation, scripts, Dockerfile
	@scripts/setup --tools-only
	@scripts/timed lint scripts/lint

check: lint test ## What continuous integration runs

bench: setup ## Measure shed beside plain docker exec
	@scripts/bench

image: setup ## Build the image of sheds
	@scripts/base-image

clean: ## Remove what was built; sheds, images and state stay
	cargo clean
