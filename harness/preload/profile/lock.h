/* SPDX-License-Identifier: MIT */
/*
 * What each profiled call does around the one below it.
 *
 * Whether it has to wait is found out by trying first. A try takes what is
 * free, as the call itself would: no lock gives it away to those who wait, so a
 * try overtakes nobody that the call would not overtake. It costs the
 * uncontended nothing (the call is left out) and the others one look at the
 * lock.
 */
#ifndef PROFILE_LOCK_H
#define PROFILE_LOCK_H

#include <limits.h>

#include "view.h"

#define CALL_SITE __builtin_return_address(0)

/* Has the caller got it? With EOWNERDEAD as well. */
static ALWAYS_INLINE bool is_taken(int r)
{
	return likely(r == 0) || r == EOWNERDEAD;
}

static inline void view_failed(struct view *v)
{
	tally_add(v->record, TALLY_FAILED, 1);
}

/* No result of a try. */
enum { NOT_TRIED = INT_MIN };

/* The body of a call that may wait. is_outermost: of a recursive one. */
#define ACQUIRE(object, kind, which, is_outermost, try, call)                  \
	ACQUIRE_FROM(CALL_SITE, NOT_TRIED, object, kind, which, is_outermost,  \
		     try, call)

/* The same, called from there, where perhaps it was tried already. */
#define ACQUIRE_FROM(site, tried, object, kind, which, is_outermost, try,      \
		     call)                                                     \
	do {                                                                   \
		struct view *v_ = view_of(object, kind, site);                 \
		bool sampled_;                                                 \
		int r_ = tried;                                                \
                                                                               \
		if (unlikely(!v_) && r_ == NOT_TRIED)                          \
			return call;                                           \
		if (unlikely(!v_))                                             \
			return r_ == EBUSY ? (call) : r_;                      \
		sampled_ = view_ask(v_, site);                                 \
		if (r_ == NOT_TRIED)                                           \
			r_ = try;                                              \
		if (unlikely(r_ == EBUSY)) {                                   \
			struct waiting w_ = wait_from_now();                   \
                                                                               \
			r_ = call;                                             \
			if (is_taken(r_))                                      \
				wait_until_now(v_, w_);                        \
			else                                                   \
				view_failed(v_);                               \
		}                                                              \
		if (is_taken(r_))                                              \
			view_acquired(v_, which, sampled_ && (is_outermost));  \
		return r_;                                                     \
	} while (0)

/* The part of it that most calls need, before the call `slow`, which ends in
 * ACQUIRE_FROM and is given `tried`. */
#define ACQUIRE_FAST(object, kind, which, try, slow)                           \
	do {                                                                   \
		struct view *v_ = view_known(object, kind);                    \
		int tried = NOT_TRIED;                                         \
                                                                               \
		if (likely(v_) && likely(view_is_plain(v_))) {                 \
			tried = try;                                           \
			if (likely(tried == 0)) {                              \
				view_plain(v_, which);                         \
				return 0;                                      \
			}                                                      \
		}                                                              \
		return slow;                                                   \
	} while (0)

/* The body of a call that does not. */
#define TRY_ACQUIRE(object, kind, which, is_outermost, call)                   \
	do {                                                                   \
		struct view *v_ = view_of(object, kind, CALL_SITE);            \
		bool sampled_;                                                 \
		int r_;                                                        \
                                                                               \
		if (unlikely(!v_))                                             \
			return call;                                           \
		sampled_ = view_ask(v_, CALL_SITE);                            \
		r_ = call;                                                     \
		if (is_taken(r_))                                              \
			view_acquired(v_, which, sampled_ && (is_outermost));  \
		else                                                           \
			view_failed(v_);                                       \
		return r_;                                                     \
	} while (0)

#define RELEASE(object, kind, is_outermost, call)                              \
	do {                                                                   \
		struct view *v_ = view_known(object, kind);                    \
		bool sampled_;                                                 \
		int r_;                                                        \
                                                                               \
		if (likely(!v_ || !view_has_more(v_)) || !(is_outermost))      \
			return call;                                           \
		sampled_ = view_leave(v_);                                     \
		r_ = call;                                                     \
		view_left(v_, sampled_);                                       \
		return r_;                                                     \
	} while (0)

#define INITIALISE(object, kind, call)                                         \
	do {                                                                   \
		int r_ = call;                                                 \
                                                                               \
		if (r_ == 0)                                                   \
			view_initialised(object, kind, CALL_SITE);             \
		return r_;                                                     \
	} while (0)

#endif
