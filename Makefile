# SPDX-License-Identifier: MIT
#
# Every implementation, scenario, law and test is found by wildcard: adding a
# file adds the thing. `make help` lists the targets.

FLAVOUR ?= native
B := build/$(FLAVOUR)

IMPLEMENTATIONS := $(sort $(wildcard primitives/*/[!_]*.c))
SCENARIOS := $(sort $(wildcard scenarios/[!_]*.c))
HARNESS := $(sort $(wildcard harness/*.c harness/*/*.c))
SHIMS := $(sort $(wildcard harness/*/*.cc))
UNIT_TESTS := $(sort $(wildcard tests/*.c))

PACKAGES := check inih jansson hwloc libcrypto libzstd libmicrohttpd libcurl gsl
WARNINGS := -Wall -Wextra -Wshadow -Werror

OPTIMISE := -O2 -g -fno-omit-frame-pointer
CFLAGS_native :=
CC_tsan-gcc := gcc
CXX_tsan-gcc := g++
CFLAGS_tsan-gcc := -fsanitize=thread
CC_tsan-clang := clang
CXX_tsan-clang := clang++
CFLAGS_tsan-clang := -fsanitize=thread
CFLAGS_asan := -fsanitize=address,undefined -fno-sanitize-recover=all

ifdef CC_$(FLAVOUR)
CC := $(CC_$(FLAVOUR))
CXX := $(CXX_$(FLAVOUR))
endif

GIT := $(shell git describe --always --dirty --abbrev=8 2>/dev/null || echo unknown)
CPPFLAGS += -D_GNU_SOURCE -DSYNCLAB_ROOT='"$(CURDIR)"' -MMD -MP
LAB_CFLAGS = -std=gnu11 $(WARNINGS) -Wvla -pthread $(OPTIMISE) \
	$(CFLAGS_$(FLAVOUR)) $(PACKAGE_CFLAGS) $(CFLAGS)
LAB_CXXFLAGS = -std=c++17 $(WARNINGS) -pthread $(OPTIMISE) \
	$(CFLAGS_$(FLAVOUR)) $(CXXFLAGS)
PACKAGE_CFLAGS = $(shell pkg-config --cflags $(PACKAGES))
PACKAGE_LIBS = -lbenchmark $(shell pkg-config --libs $(PACKAGES))

OBJECTS := $(patsubst %.c,$(B)/%.o,$(IMPLEMENTATIONS) $(SCENARIOS) $(HARNESS)) \
	$(patsubst %.cc,$(B)/%.o,$(SHIMS))

V ?= 0
ifeq ($(V),0)
Q := @
say = @printf '  %-4s %s\n' $(1) $(2);
endif

.PHONY: all
all: $(B)/synclab

$(B)/synclab: $(OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CXX) $(LAB_CXXFLAGS) $(LDFLAGS) $^ -o $@ $(PACKAGE_LIBS)

$(B)/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(LAB_CFLAGS) -c $< -o $@

$(B)/%.o: %.cc Makefile
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS) $(LAB_CXXFLAGS) -c $< -o $@

.PHONY: clean
clean:
	$(Q)rm -rf build

-include $(OBJECTS:.o=.d)

# The commit goes into the results; only this object depends on it.
$(B)/harness/bench/results.o: CPPFLAGS += -DSYNCLAB_GIT='"$(GIT)"'
