/* SPDX-License-Identifier: MIT */
#ifndef RUN_IMAGE_H
#define RUN_IMAGE_H

#include <stdbool.h>

/* What the headers of a program or library say. */
struct image {
	bool elf;		  /* without it the rest is 0 */
	int class, data, machine; /* of e_ident, e_ident and e_machine */
	char loader[200];	  /* "": none */
	bool tsan;		  /* has or wants ThreadSanitizer's runtime */
};

struct image image_read(int fd);

#endif
