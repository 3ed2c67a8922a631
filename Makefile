# SPDX-License-Identifier: Apache-2.0
# A thin front: Meson and Ninja do the work. `make` builds build/vanon; `make help` lists the rest.
BUILD := build
OPENVINO_DIR := $(CURDIR)/$(BUILD)/openvino
MESSI := /usr/share/doc/opencv-doc/examples/data/messi5.jpg
VTEST := /usr/share/doc/opencv-doc/examples/data/vtest.avi

.PHONY: all setup demo gallery test check matrix bench sanitize tsan valgrind fuzz format clean help
all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

setup:
	@scripts/setup.sh $(BUILD)

$(BUILD)/build.ninja: setup
	@test -e $@ || meson setup $(BUILD) -Dopenvino_dir=$(OPENVINO_DIR)

# Anonymises opencv-doc's clip and makes a picture of before and after.
demo: all
	@scripts/demo.sh $(BUILD) $(VTEST)

# Pictures of each part and style, for docs/gallery.
gallery: all
	@scripts/gallery.sh $(BUILD) $(MESSI)

# Everything: format, structure, headers, unit tests, the command on real files.
test: all
	@scripts/test.sh $(BUILD)

# What needs no build: formatting, the direction of dependencies, file lengths.
check: setup
	@scripts/check.sh

# Every container, codec, depth, chroma and rotation that this machine's libav* can make: minutes, and
# so no part of `make test`, which has a sample of each.
matrix: all
	@VANON=$(CURDIR)/$(BUILD)/vanon python3 -B tests/cli/matrix.py

# How fast kernels, stages and whole runs are, beside this machine's floor and beside deface; docs/benchmarks.md
# tells. ARGS="--clip FILE:IMGSZ ..." for clips of one's own.
bench: all
	@bench/bench.py $(BUILD) $(ARGS)

# The unit tests and the command under AddressSanitizer and UndefinedBehaviorSanitizer. ARGS="faults test_pipes" for some of them.
sanitize: setup
	@scripts/sanitize.sh $(BUILD)-sanitize $(OPENVINO_DIR) address,undefined $(ARGS)

# The unit tests of what runs in threads under ThreadSanitizer.
tsan: setup
	@scripts/sanitize.sh $(BUILD)-tsan $(OPENVINO_DIR) thread $(ARGS)

# The readers of bytes from outside under clang's libFuzzer, SECONDS for each; ARGS="sidecar yaml" for some of them.
SECONDS := 60
fuzz: setup
	@scripts/fuzz.sh $(BUILD)-fuzz $(OPENVINO_DIR) $(SECONDS) $(ARGS)

# The command under Valgrind, the last run with the real model: some minutes.
valgrind: all
	@scripts/valgrind.sh $(BUILD) $(MESSI)

format:
	clang-format -i $$(git ls-files '*.[ch]' '*.cu' '*.cpp')

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize $(BUILD)-tsan $(BUILD)-fuzz

help:
	@echo 'make            build $(BUILD)/vanon (installs what is missing first)'
	@echo 'make demo       anonymise a clip, make a picture of before and after'
	@echo 'make gallery    make the pictures of docs/gallery'
	@echo 'make test       every test'
	@echo 'make matrix     the command on every format that can be made here'
	@echo 'make bench      how fast it is here'
	@echo 'make sanitize   the tests under AddressSanitizer and UndefinedBehaviorSanitizer'
	@echo 'make tsan       unit tests under ThreadSanitizer'
	@echo 'make valgrind   the command on short clips under Valgrind'
	@echo 'make fuzz       the readers of files under libFuzzer (needs clang)'
	@echo 'make check      formatting and structure only'
	@echo 'make format     format the sources'
	@echo 'make clean      remove what was built'
