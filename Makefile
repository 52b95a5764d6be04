# SPDX-License-Identifier: MIT
#
# Every implementation, scenario, law and test is found by wildcard: adding a
# file adds the thing. `make help` lists the targets, `make V=1` shows commands.

FLAVOUR ?= native
B := build/$(FLAVOUR)
SYNCLAB := $(B)/synclab

IMPLEMENTATIONS := $(sort $(wildcard primitives/*/[!_]*.c))
SCENARIOS := $(sort $(wildcard scenarios/[!_]*.c))
PERTURB := $(sort $(wildcard harness/perturb/*.c))
EXPLORER := $(sort $(wildcard harness/explore/runtime/*.c))
CLIENTS := $(sort $(wildcard harness/explore/client/*.c))
PRELOAD := $(sort $(wildcard harness/preload/*.c harness/preload/profile/*.c))
LIBRARY := $(sort $(wildcard harness/library/*.c))
HARNESS := $(filter-out $(PERTURB) $(EXPLORER) $(CLIENTS) $(PRELOAD) $(LIBRARY),$(sort $(wildcard \
	harness/*.c harness/*/*.c harness/*/*/*.c)))
CANARY := $(sort $(wildcard harness/check/canary/*/[!_]*.c))
SHIMS := $(sort $(wildcard harness/*/*.cc))
UNITS := $(sort $(wildcard tests/*.c))
POSIX := $(sort $(wildcard tests/posix/*.c))
POSIX_WRONG := $(sort $(wildcard tests/posix/wrong/*.c))
ANSWERS := $(sort $(wildcard tests/answers/[!_]*.c))

PACKAGES := check inih jansson hwloc libcrypto libzstd libmicrohttpd libcurl gsl libdw libelf
WARNINGS := -Wall -Wextra -Wshadow -Werror
OPTIMISE := -O2 -g -fno-omit-frame-pointer

CC := gcc
CXX := g++
ifeq ($(FLAVOUR),clang)
CC := clang
CXX := clang++
else ifeq ($(FLAVOUR),tsan-gcc)
# gcc does not instrument what it makes of these itself
SANITIZE := -fsanitize=thread $(addprefix -fno-builtin-,memset memcpy memmove)
else ifeq ($(FLAVOUR),tsan-clang)
CC := clang
CXX := clang++
SANITIZE := -fsanitize=thread
else ifeq ($(FLAVOUR),asan)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
else ifeq ($(FLAVOUR),perturb)
# the objects of tsan-gcc, whose calls our own runtime answers
SANITIZE := -fsanitize=thread $(addprefix -fno-builtin-,memset memcpy memmove)
else ifneq ($(FLAVOUR),native)
$(error FLAVOUR=$(FLAVOUR): native, clang, tsan-gcc, tsan-clang, asan or perturb)
endif
ifeq ($(FLAVOUR),perturb)
O := build/tsan-gcc
RUNTIME := $(PERTURB)
# accesses that the compiler leaves to the library: harness/perturb/memory.c
LINK_SANITIZE := -Wl,--wrap=memset,--wrap=memcpy,--wrap=memmove
else
O := $(B)
LINK_SANITIZE := $(SANITIZE)
endif

GIT := $(shell git describe --always --dirty --abbrev=8 2>/dev/null || echo unknown)
CPPFLAGS += -D_GNU_SOURCE -DSYNCLAB_ROOT='"$(CURDIR)"' -MMD -MP
# asked once, and only when something is built
PACKAGE_CFLAGS = $(eval PACKAGE_CFLAGS := $$(shell pkg-config --cflags \
	$(PACKAGES)))$(PACKAGE_CFLAGS)
PACKAGE_LIBS = -lbenchmark -lcsv -lpfm $(shell pkg-config --libs $(PACKAGES))
LAB_CFLAGS = -std=gnu11 $(WARNINGS) -Wvla -pthread $(OPTIMISE) \
	$(PACKAGE_CFLAGS) $(CFLAGS)
LAB_CXXFLAGS = -std=c++17 $(WARNINGS) -pthread $(OPTIMISE) $(CXXFLAGS)
# Calls of our own objects that pass through the harness on their way out:
# futexes are counted (harness/bench/futex_calls.h), and any may be made to fail
# by a check (harness/check/stressor/).
WRAPPED := syscall pthread_create pthread_cond_wait pthread_cond_timedwait \
	pthread_cond_clockwait malloc calloc realloc aligned_alloc posix_memalign
LAB_LDFLAGS = $(WRAPPED:%=-Wl,--wrap=%) $(LINK_SANITIZE) $(LDFLAGS)

OBJECTS := $(patsubst %.c,$(O)/%.o,$(IMPLEMENTATIONS) $(SCENARIOS) $(HARNESS)) \
	$(patsubst %.cc,$(O)/%.o,$(SHIMS)) $(patsubst %.c,$(B)/%.o,$(RUNTIME))
# each canary twice: with its fault and without
CANARY_OBJECTS := $(patsubst %.c,$(O)/%.o,$(CANARY)) \
	$(patsubst %.c,$(O)/fixed/%.o,$(CANARY))
ANSWER_OBJECTS := $(patsubst %.c,$(O)/%.o,$(ANSWERS))
UNIT_OBJECTS := $(patsubst %.c,$(O)/%.o,$(UNITS))
POSIX_OBJECTS := $(patsubst %.c,$(O)/%.o,$(POSIX))

V ?= 0
ifeq ($(V),0)
Q := @
say = @printf '  %-4s %s\n' $(1) $(2);
endif

.DEFAULT_GOAL := all
.PHONY: all check bench apps findings detectors detect explore bench-explore tsan asan lint format plots install install-library clean help deps
.DELETE_ON_ERROR:

all: $(SYNCLAB) ## build the command, the interposer and the C library

$(SYNCLAB): $(OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CXX) $(LAB_CXXFLAGS) $(LAB_LDFLAGS) $^ -o $@ $(PACKAGE_LIBS)

# The same command with planted faults beside the implementations.
$(B)/synclab-canaries: $(OBJECTS) $(CANARY_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CXX) $(LAB_CXXFLAGS) $(LAB_LDFLAGS) $^ -o $@ $(PACKAGE_LIBS)

# And with implementations whose figures are known, which the harness has to
# find.
$(B)/synclab-answers: $(OBJECTS) $(CANARY_OBJECTS) $(ANSWER_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CXX) $(LAB_CXXFLAGS) $(LAB_LDFLAGS) $^ -o $@ $(PACKAGE_LIBS)

.PHONY: canaries answers
canaries: $(B)/synclab-canaries
answers: $(B)/synclab-answers

$(B)/unit-tests: $(UNIT_OBJECTS) $(filter-out $(O)/harness/main.o,$(OBJECTS))
	$(call say,LD,$@)
	$(Q)$(CXX) $(LAB_CXXFLAGS) $(LAB_LDFLAGS) $^ -o $@ $(PACKAGE_LIBS)

# What POSIX requires of the calls that the interposer answers. Nothing of the
# lab is in it: it runs on plain libc as well.
$(B)/posix: $(POSIX_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CC) -pthread $(LDFLAGS) $^ -o $@

# Calls with a fault each, for the same tests to find.
$(B)/posix-wrong.so: $(POSIX_WRONG)
	$(call say,LD,$@)
	$(Q)$(compile) -fPIC -shared $^ -o $@

# What the hot loop costs beside a mutex: scripts/overhead, docs/overhead.md.
$(B)/overhead: $(O)/scripts/overhead.o $(filter-out $(O)/harness/main.o,$(OBJECTS))
	$(call say,LD,$@)
	$(Q)$(CXX) $(LAB_CXXFLAGS) $(LAB_LDFLAGS) $^ -o $@ $(PACKAGE_LIBS)

# The explorer: a library that answers the calls of tsan-gcc's objects, and the
# stock clients of every implementation linked with it.
X := build/explore
MODELS := $(sort $(wildcard harness/check/history/model*.c))
JUDGE := $(MODELS) harness/check/history/judge.c harness/check/history/picture.c
EXPLORER_OBJECTS := $(patsubst %,$(X)/%.o,$(basename $(EXPLORER) $(JUDGE))) \
	$(X)/harness/explore/runtime/switch.o
EXPLORED_OBJECTS := $(patsubst %.c,build/tsan-gcc/%.o,$(IMPLEMENTATIONS) $(CLIENTS) \
	$(MODELS) harness/check/history/client.c harness/registry.c)
EXPLORED_CANARIES := $(patsubst %.c,build/tsan-gcc/%.o,$(CANARY)) \
	$(patsubst %.c,build/tsan-gcc/fixed/%.o,$(CANARY))
BENCHED := $(sort $(wildcard tests/explore/bench/*.c))

$(X)/libexplore.so: $(EXPLORER_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-z,now $^ -o $@ -ldw -lelf

# what the library answers under the name __wrap_NAME
$(X)/wrapped: $(X)/libexplore.so
	$(Q)nm -D --defined-only $< | sed -n 's/.* T __wrap_/-Wl,--wrap=/p' >$@

# what programs may include
$(X)/explore.h: harness/explore/explore.h
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@

$(X)/clients: $(EXPLORED_OBJECTS) $(X)/libexplore.so $(X)/wrapped
	$(call say,LD,$@)
	$(Q)$(CC) -pthread -Wl,--emit-relocs $(EXPLORED_OBJECTS) @$(X)/wrapped -o $@ -L$(X) -lexplore \
		-Wl,-rpath,'$$ORIGIN' -Wl,-z,now

$(X)/clients-canaries: $(EXPLORED_OBJECTS) $(EXPLORED_CANARIES) $(X)/libexplore.so $(X)/wrapped
	$(call say,LD,$@)
	$(Q)$(CC) -pthread -Wl,--emit-relocs $(EXPLORED_OBJECTS) $(EXPLORED_CANARIES) @$(X)/wrapped -o $@ \
		-L$(X) -lexplore -Wl,-rpath,'$$ORIGIN' -Wl,-z,now

# Always gcc: kept.h keeps registers free, which clang cannot.
EXPLORER_CC := gcc
$(X)/%.o: override CC := $(EXPLORER_CC)

$(X)/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(compile) -fPIC -fvisibility=hidden -c $< -o $@

$(X)/%.o: %.S Makefile
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -fPIC -c $< -o $@

.PHONY: explorer
explorer: ## build the explorer and its clients
	$(Q)$(MAKE) --no-print-directory FLAVOUR=tsan-gcc build/explore/explore.h \
		build/explore/clients build/explore/clients-canaries

# Implementations for shared libraries.
PIC := $(B:build/native%=build%)/pic
$(PIC)/%.o: %.c Makefile
	$(call say,CC,'$< -fPIC')
	$(Q)mkdir -p $(@D)
	$(Q)$(compile) -fPIC -fvisibility=hidden -c $< -o $@

# The interposer (LD_PRELOAD). What the implementations in it call is the C
# library's, or what wait.c puts in between.
P := $(B:build/native%=build%)/preload
PRELOADED := mutex cond rwlock semaphore barrier once
PRELOAD_OBJECTS := $(patsubst %.c,$(P)/%.o,$(PRELOAD)) $(patsubst %.c,$(PIC)/%.o,$(filter \
	$(PRELOADED:%=primitives/%/%),$(IMPLEMENTATIONS)))

WAIT_DOORS := syscall clock_gettime __errno_location sched_yield

# unwound by cancellation, and there before any dlopen
$(P)/%.o: override CFLAGS += -fPIC -fvisibility=hidden -fexceptions
$(P)/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(compile) -c $< -o $@

$(P)/wrapped: $(P)/harness/preload/calls.o
	$(Q)nm $< | sed -n 's/.* T __wrap_/-Wl,--wrap=/p' >$@

$(P)/libpreload.so: $(PRELOAD_OBJECTS) $(P)/wrapped harness/preload/versions.ld
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-z,now,-z,start-stop-visibility=hidden \
		-Wl,--version-script=harness/preload/versions.ld @$(P)/wrapped $(WAIT_DOORS:%=-Wl,--wrap=%) \
		$(PRELOAD_OBJECTS) -o $@

.PHONY: preload
preload: $(P)/libpreload.so ## build the interposer in build/preload

# The C library: all that is registered, and what chooses among it by name.
L := $(B:build/native%=build%)/library
PIC_OBJECTS := $(IMPLEMENTATIONS:%.c=$(PIC)/%.o)
LIBRARY_OBJECTS := $(LIBRARY:%.c=$(PIC)/%.o)
SL_VERSION := $(shell sed -n 's/^.define SL_VERSION_STRING "\(.*\)"$$/\1/p' harness/library/synclab.h)
SL_SONAME := libsynclab.so.$(firstword $(subst ., ,$(SL_VERSION)))

# Never unloaded: threads run its destructors when they end.
$(L)/libsynclab.so: $(PIC_OBJECTS) $(LIBRARY_OBJECTS) harness/library/exports
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -shared -pthread $(filter %.o,$^) -o $@.$(SL_VERSION) -Wl,-soname,$(SL_SONAME) \
		-Wl,--version-script,harness/library/exports -Wl,-z,now,-z,nodelete,-z,defs $(LDFLAGS)
	$(Q)ln -sf $(@F).$(SL_VERSION) $(L)/$(SL_SONAME)
	$(Q)ln -sf $(@F).$(SL_VERSION) $@

# One object, or a linker would leave out implementations that nobody names.
$(L)/libsynclab.a: $(PIC_OBJECTS) $(LIBRARY_OBJECTS)
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -r -nostdlib $^ -o $(L)/synclab.o
	$(Q)objcopy --wildcard --keep-global-symbol='sl_*' $(L)/synclab.o
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(L)/synclab.o

.PHONY: library
library: $(L)/libsynclab.so $(L)/libsynclab.a ## build the C library in build/library
# not with a sanitizer, whose runtime its users would have to bring
ifneq ($(filter native clang,$(FLAVOUR)),)
all: library preload
endif

compile = $(CC) $(CPPFLAGS) -DFILE_STEM='"$(*F)"' $(LAB_CFLAGS)

$(O)/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(compile) $(SANITIZE) -c $< -o $@

$(O)/fixed/%.o: %.c Makefile
	$(call say,CC,'$< -DFIXED')
	$(Q)mkdir -p $(@D)
	$(Q)$(compile) $(SANITIZE) -DFIXED -c $< -o $@

# Programs of the gallery become functions: harness/check/law/program.h.
$(O)/harness/check/canary/program/%.o $(O)/fixed/harness/check/canary/program/%.o: \
	CPPFLAGS += -include harness/check/canary/program.h

ifneq ($(O),$(B))
$(B)/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(compile) -c $< -o $@
endif

$(O)/%.o: %.cc Makefile
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS) $(LAB_CXXFLAGS) $(SANITIZE) -c $< -o $@

# The commit goes into the results; only this object depends on it.
$(O)/harness/bench/results.o: CPPFLAGS += -DSYNCLAB_GIT='"$(GIT)"'
$(O)/harness/bench/results.o: $(O)/commit

.PHONY: FORCE
$(O)/commit: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(GIT)' | cmp -s - $@ || echo '$(GIT)' >$@

-include $(OBJECTS:.o=.d) $(CANARY_OBJECTS:.o=.d) $(ANSWER_OBJECTS:.o=.d) \
	$(UNIT_OBJECTS:.o=.d) $(EXPLORER_OBJECTS:.o=.d) $(EXPLORED_OBJECTS:.o=.d) \
	$(EXPLORED_CANARIES:.o=.d) $(PRELOAD_OBJECTS:.o=.d) $(POSIX_OBJECTS:.o=.d) \
	$(PIC_OBJECTS:.o=.d) $(LIBRARY_OBJECTS:.o=.d)

# What a user runs installs first what is missing. The packages have to be there
# before make reads pkg-config, hence the second make.
JOBS := -j$(shell nproc)

check: ## install what is missing, build, run all tests
	$(Q)scripts/install-deps build plot
	$(Q)$(MAKE) --no-print-directory $(JOBS) all canaries answers build/native/unit-tests \
		build/native/posix build/native/posix-wrong.so
	$(Q)$(MAKE) --no-print-directory $(JOBS) explorer
	$(Q)tests/run

bench: ## install what is missing, build, run the quick campaign, plot it
	$(Q)scripts/install-deps build plot
	$(Q)$(MAKE) --no-print-directory $(JOBS) all
	$(Q)scripts/bench $(BENCH)

BLOCKS ?= 8
apps: ## real programs under every implementation: right? does the lock matter?
	-$(Q)scripts/install-deps apps
	$(Q)scripts/install-deps build
	$(Q)$(MAKE) --no-print-directory $(JOBS) all
	$(Q)scripts/apps --check --quick $(APPS)
	$(Q)scripts/apps --blocks=$(BLOCKS) $(APPS)

findings: ## run the ledger of published findings (FINDINGS=F05: only that)
	$(Q)scripts/install-deps build
	$(Q)$(MAKE) --no-print-directory $(JOBS) all
	$(Q)scripts/findings $(FINDINGS)

# Every build that a detector runs in, with the gallery.
DETECTOR_BUILDS := native perturb tsan-gcc tsan-clang asan

detectors: ## build all that `synclab check` needs
	$(Q)scripts/install-deps build tsan
	$(Q)for build in $(DETECTOR_BUILDS); do \
		$(MAKE) --no-print-directory $(JOBS) FLAVOUR=$$build all canaries || exit; \
	done
	$(Q)$(MAKE) --no-print-directory $(JOBS) explorer

detect: detectors ## the matrix: which detector catches which known bug
	$(Q)scripts/detect

tsan: ## laws and scenarios under ThreadSanitizer of gcc and of clang
	$(Q)scripts/install-deps build tsan
	$(Q)$(MAKE) --no-print-directory $(JOBS) all canaries
	$(Q)$(MAKE) --no-print-directory $(JOBS) FLAVOUR=tsan-gcc all canaries
	$(Q)$(MAKE) --no-print-directory $(JOBS) FLAVOUR=tsan-clang all canaries
	$(Q)scripts/sanitize tsan-gcc tsan-clang

asan: ## laws and scenarios under AddressSanitizer and UBSan
	$(Q)scripts/install-deps build
	$(Q)$(MAKE) --no-print-directory $(JOBS) all canaries
	$(Q)$(MAKE) --no-print-directory $(JOBS) FLAVOUR=asan all canaries
	$(Q)scripts/sanitize asan

explore: ## every implementation under every stock client, half an hour at most
	$(Q)scripts/install-deps build
	$(Q)$(MAKE) --no-print-directory $(JOBS) all
	$(Q)$(MAKE) --no-print-directory $(JOBS) explorer
	$(Q)scripts/explore $(EXPLORE)

bench-explore: ## how fast the explorer is, on the programs of tests/explore/bench
	$(Q)scripts/install-deps build
	$(Q)$(MAKE) --no-print-directory $(JOBS) all
	$(Q)$(MAKE) --no-print-directory $(JOBS) explorer
	$(Q)scripts/bench-explore

lint: ## formatting, clang-tidy, cppcheck, shellcheck, both compilers, aarch64
	$(Q)scripts/install-deps build lint
	$(Q)scripts/lint $(IMPLEMENTATIONS) $(SCENARIOS) $(HARNESS) $(PERTURB) $(CANARY) \
		$(ANSWERS) $(UNITS) $(POSIX) $(POSIX_WRONG) $(EXPLORER) $(CLIENTS) $(PRELOAD) $(BENCHED) $(LIBRARY) \
		$(sort $(wildcard tests/library/*.c))

format: ## let clang-format lay out the sources
	$(Q)clang-format -i $(shell git ls-files '*.c' '*.h' '*.cc')

plots: ## draw the figures of RESULTS=folder (default: the newest)
	$(Q)scripts/plot $(RESULTS)

PREFIX ?= /usr/local
install: all install-library ## install command, explorer, interposer and C library
	$(Q)$(MAKE) --no-print-directory explorer
	install -D $(SYNCLAB) $(DESTDIR)$(PREFIX)/bin/synclab
	install -D -t $(DESTDIR)$(PREFIX)/lib/synclab $(X)/libexplore.so $(X)/clients \
		$(P)/libpreload.so
	install -m 644 -t $(DESTDIR)$(PREFIX)/lib/synclab $(X)/wrapped $(X)/explore.h

install-library: library ## install the C library alone
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/include harness/library/synclab.h
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib $(L)/libsynclab.a
	install -D -t $(DESTDIR)$(PREFIX)/lib $(L)/libsynclab.so.$(SL_VERSION)
	ln -sf libsynclab.so.$(SL_VERSION) $(DESTDIR)$(PREFIX)/lib/$(SL_SONAME)
	ln -sf $(SL_SONAME) $(DESTDIR)$(PREFIX)/lib/libsynclab.so
	mkdir -p $(DESTDIR)$(PREFIX)/lib/pkgconfig
	sed -e 's,@PREFIX@,$(PREFIX),' -e 's,@VERSION@,$(SL_VERSION),' harness/library/synclab.pc.in \
		>$(DESTDIR)$(PREFIX)/lib/pkgconfig/synclab.pc

clean: ## remove what was built
	$(Q)rm -rf build

help: ## list the targets
	$(Q)awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile
