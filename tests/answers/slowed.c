/* SPDX-License-Identifier: MIT */
/*
 * 3 % of an operation slower than `as_is`: a campaign of the full profile has
 * to resolve that in nine cases of ten.
 */
#include "_share.h"

SHARE_MUTEX("slowed", "known answer: a spinlock, 3 % slower", 0.03);
