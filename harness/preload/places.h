/* SPDX-License-Identifier: MIT */
/* Around a fork, so that the child finds its tables whole. */
#ifndef PLACES_H
#define PLACES_H

void places_close(void);
void places_open(void);

#endif
