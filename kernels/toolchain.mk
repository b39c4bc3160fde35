# Building for a GPU, without one and with one. kernels/doc.go says how it works.

TOOLCHAIN := $(CURDIR)/.toolchain
STANDIN   := $(CURDIR)/.standin

# What cgo needs to compile and link against the driver. Ahead of other folders,
# so that a driver on this machine is not linked instead of the loader; dlopen is
# in a library of its own before glibc 2.34, which linkers drop where it stands
# before what needs it.
GPU_ENV := CGO_ENABLED=1 \
	CGO_CFLAGS="-g -O2 -I$(TOOLCHAIN)/include -I$(CURDIR)/kernels/loader" \
	CGO_LDFLAGS="-g -O2 -L$(TOOLCHAIN)/lib -Wl,--push-state,--no-as-needed -ldl -Wl,--pop-state"

# What the build tag gpu switches on, and the commands that reach it.
GPU_PACKAGES := ./kernels/... ./engine/cuda/... ./engine/backend/cuda/... ./engine/train/cuda/... ./cmd/modspec/...

# Runs a test on one of the stand-in's builds: kernels/standin/build.sh has them.
# The sanitizers' library has to come first, and takes what Go holds for leaks.
EMULATED  = env MODSPEC_STANDIN=test LD_LIBRARY_PATH=$(STANDIN)
SANITIZER = LD_PRELOAD=$(shell gcc -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0

.PHONY: toolchain gpu gpu-env gpu-lint kernels kernels-check test-gpu test-gpu-emulated test-kernels clean-gpu FORCE

toolchain: .toolchain/lib/libcuda.a ## fetch NVIDIA's headers and compiler, build the loader

# Asked every time; leaves the file alone where everything is there.
.toolchain/origin: FORCE
	@kernels/toolchain.sh

.toolchain/lib/libcuda.a: .toolchain/origin $(wildcard kernels/loader/*.*) kernels/loader/entries/main.go
	kernels/loader/archive.sh .toolchain/include $@

gpu: toolchain ## build bin/modspec with the CUDA engine
	$(GPU_ENV) go build -tags gpu -o bin/modspec ./cmd/modspec

gpu-env: toolchain ## print what go needs beside -tags gpu, for eval in a shell
	@echo 'export $(GPU_ENV)'

gpu-lint: toolchain ## go vet and staticcheck, with the CUDA engine
	$(GPU_ENV) go vet -tags gpu $(GPU_PACKAGES)
	$(GPU_ENV) go tool staticcheck -tags gpu $(GPU_PACKAGES)

kernels: toolchain ## build the device images of kernels that changed
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) kernels/build.py

# ARCHITECTURES="sm_80 sm_90" builds and compares those alone.
kernels-check: toolchain ## build all device images and compare
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) kernels/build.py --check $(ARCHITECTURES:%=--arch %)

# Tests skip where there is no device, so that they pass everywhere; where they are
# run for its sake there must be one. $(call need_device,how to run a program)
need_device = $(GPU_ENV) go run -exec '$(1)' ./kernels/testdata/loader/start | grep '^state 0,' || \
	{ echo "there is no device to test on" >&2; exit 1; }

test-gpu: toolchain ## test the CUDA engine on this machine's GPU
	@$(call need_device,env)
	$(GPU_ENV) go test -tags gpu -count=1 $(GPU_PACKAGES)

test-gpu-emulated: toolchain ## test the CUDA engine without a GPU, on the stand-in driver
	kernels/standin/build.sh
	kernels/standin/build.sh races
	@$(call need_device,$(EMULATED)/plain)
	@$(call need_device,$(EMULATED)/sanitized $(SANITIZER))
	@$(call need_device,$(EMULATED)/races)
	$(GPU_ENV) go test -tags gpu -count=1 -timeout 30m -exec '$(EMULATED)/plain' $(GPU_PACKAGES)
	$(GPU_ENV) go test -tags gpu -count=1 -short -timeout 30m -exec '$(EMULATED)/sanitized $(SANITIZER)' ./engine/backend/cuda/... ./engine/train/cuda/...
	$(GPU_ENV) go test -tags gpu -count=1 -short -timeout 30m -exec '$(EMULATED)/races' ./engine/backend/cuda/... ./engine/train/cuda/...

test-kernels: toolchain ## test the kernels, and the stand-in, by themselves, without a GPU
	kernels/standin/test.sh
	for tests in kernels/device/testing/*.sh; do $$tests plain && $$tests sanitized || exit; done

clean: clean-gpu
clean-gpu:
	rm -rf $(TOOLCHAIN) $(STANDIN)
