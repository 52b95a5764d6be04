/* SPDX-License-Identifier: MIT */
/* A mutex as a condition sees it, whoever keeps it. */
#ifndef PRELOAD_MUTEX_H
#define PRELOAD_MUTEX_H

#include <stdbool.h>

#include "calls.h"

/* Does the C library keep it? (Always, where no mutex was chosen.) */
bool mutex_is_libc(const pthread_mutex_t *m);

/* EPERM if the caller would not be allowed to unlock it, as far as we know. */
int mutex_check_held(pthread_mutex_t *m);

#endif
