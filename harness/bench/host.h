/* SPDX-License-Identifier: MIT */
/*
 * The machine that a campaign runs on, and the program that measures.
 */
#ifndef HOST_H
#define HOST_H

#include <jansson.h>
#include <stddef.h>

/* "xeon-platinum-8481c-2cpu": a folder name that says what the machine is. */
void host_name(char *out, size_t size);

/* CPU, kernel, C library, topology, load. */
json_t *host_describe(void);

/* What the figures of a window depend on beside the cell: objects (a digest of
 * this program), compiler, kernel, CPU. */
json_t *host_key(void);

/* Hexadecimal SHA-256, of a file "unknown" if it cannot be read. */
void host_digest(const void *data, size_t size, char out[65]);
void host_digest_file(const char *path, char out[65]);

#endif
