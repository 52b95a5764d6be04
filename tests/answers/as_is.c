/* SPDX-License-Identifier: MIT */
/*
 * What `slowed` is compared with: the same, and nothing added.
 */
#include "_share.h"

SHARE_MUTEX("as_is", "known answer: a spinlock", 0);
