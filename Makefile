# Shorthands for the commands that are used most. Everything works without
# make too: the README's commands are plain go commands.

FUZZTIME ?= 1m
PYTHON   ?= python3

GOLDEN      := testdata/golden
VENV        := .venv

.DEFAULT_GOAL := help
.PHONY: help build test race lint reproduce readme-figure generate golden golden-check fuzz bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/modspec; go itself stamps version and commit
	go build -o bin/modspec ./cmd/modspec

test: ## run all tests
	go test ./...

# Of the others no two goroutines run the code: the detector would find nothing.
# plot/lettering is left out, which only keeps its fonts once.
race: ## run the short tests under the race detector, of packages with goroutines or locks
	go test -race -short -count=1 $$(grep -lrE --include='*.go' --exclude='*_test.go' '^[[:space:]]*go [a-z]|\.Go\(|"sync"|"sync/atomic"' engine cmd | \
		xargs -n 1 dirname | sort -u | grep -vx engine/plot/lettering | sed 's,^,./,')

lint: ## gofmt, go vet, staticcheck, module files
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go mod verify
	go mod tidy -diff

reproduce: ## reproduce the paper's experiments into modspec-reproduce/
	go run ./cmd/modspec reproduce

readme-figure: build ## draw the README's pictures anew
	@set -e; scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	bin/modspec reproduce --only dense-dynamics --out "$$scratch"; \
	cp "$$scratch/dense-dynamics.png" testdata/figures/; \
	bin/modspec sweep run testdata/sweeps/first-phase-diagram.yaml --out "$$scratch/first"; \
	bin/modspec sweep plot "$$scratch/first" --x kx --y r --value systematicity --facet arch \
	  -o testdata/figures/first-phase-diagram.png

generate: ## write the generated assembly anew
	go generate ./engine/train/cpu/asm

golden: $(VENV)/golden ## write the golden values anew
	$(VENV)/bin/python $(GOLDEN)/generate.py

golden-check: $(VENV)/golden ## compare the golden values with a new computation
	$(VENV)/bin/python $(GOLDEN)/generate.py --check

$(VENV)/golden: $(GOLDEN)/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet -r $<
	@touch $@

# An input that fails is written to testdata/fuzz of its package: commit it with
# the fix, and go test tries it for ever. Inputs that only reach new code are kept
# in go's build cache, from which the next run goes on; CI keeps that folder
# (go env GOCACHE, below it fuzz) from night to night. Without -fuzzminimizetime
# each new input of some kilobytes is made smaller for a minute, and a short run
# tries a handful of inputs.
fuzz: ## run every fuzz target for FUZZTIME (1m) each; fails at the end if one did
	@set -e; failed=; packages=$$(go list ./...); for package in $$packages; do \
		list=$$(go test -run '^$$' -list '^Fuzz' $$package) || failed="$$failed $$package"; \
		for target in $$(echo "$$list" | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package || failed="$$failed $$target"; \
		done; \
	done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed; their inputs are in testdata/fuzz"; exit 1; fi

bench: ## run the engine's benchmarks
	go test -run '^$$' -bench . -benchmem ./engine/...

.PHONY: bench-compare
bench-compare: build bench/peers/.venv/jax ## compare speed with NumPy, JAX, PyTorch, gorgonia into bench/results
	bin/modspec bench --out bench/results
	$(MAKE) readme

bench/peers/.venv/jax: bench/peers/setup.sh bench/peers/requirements.txt
	PYTHON=$(PYTHON) bench/peers/setup.sh
	@touch $@

.PHONY: readme
readme: ## write README's section of speeds from the newest result in bench/results
	go run ./cmd/modspec bench readme

.PHONY: readme-check
readme-check: ## fail if README's section of speeds is not that of the newest result
	go run ./cmd/modspec bench readme --check

# What a build contains, and what go.mod names itself.
.PHONY: outdated
outdated: ## list the modules in use that have a newer version
	@go list -m -u -f '{{with .Update}}{{$$.Path}} {{$$.Version}} -> {{.Version}}{{end}}' $$( \
		{ go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}' ./cmd/modspec tool; \
		go list -m -f '{{if not (or .Main .Indirect)}}{{.Path}}{{end}}' all; } | sort -u)

RELEASES := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64

.PHONY: release
release: ## build static binaries for Linux and macOS into bin/release, with the licences of all in them
	@set -e; mkdir -p bin/release; \
	CGO_ENABLED=0 go run ./cmd/notices -o bin/release/NOTICES.txt $(RELEASES); \
	for target in $(RELEASES); do \
		echo $$target; \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} go build -trimpath -ldflags '-s -w' \
			-o bin/release/modspec-$${target%/*}-$${target#*/} ./cmd/modspec; \
	done

.PHONY: gpu-bench
gpu-bench: toolchain ## build what bench/gpu/run.sh takes to a machine with a GPU
	$(GPU_ENV) go build -tags gpu -ldflags '-s -w' -o bench/gpu/bin/modspec ./cmd/modspec
	$(GPU_ENV) go test -tags gpu -ldflags '-s -w' -c -o bench/gpu/bin/large.test ./engine/train/cuda/large
	$(GPU_ENV) go test -tags gpu -ldflags '-s -w' -c -o bench/gpu/bin/cuda.test ./engine/train/cuda
	$(GPU_ENV) go test -tags gpu -ldflags '-s -w' -c -o bench/gpu/bin/programs.test ./engine/backend/cuda/programs

clean: ## remove what these targets made
	rm -rf bin bench/gpu/bin modspec-reproduce $(VENV)

include kernels/toolchain.mk
