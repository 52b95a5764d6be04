/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 as work whose result can be checked: data that follow from a number,
 * and their digest by libcrypto.
 *
 * Errors:       none to handle; a libcrypto without SHA-256 exits with a line.
 * Thread-safe:  yes, but a hasher belongs to one thread at a time.
 */
#ifndef KIT_SHA256_H
#define KIT_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32 };

struct sha256_digest {
	uint8_t bytes[SHA256_BYTES];
};

/* Bytes that depend on i and their place alone; the same on every machine. */
void sha256_fill(void *data, size_t size, uint64_t i);

/* A hasher is made once and used often: libcrypto's own look-up and allocation
 * take locks that would be measured along with the caller's. */
struct sha256;
struct sha256 *sha256_new(void);
void sha256_free(struct sha256 *h);

struct sha256_digest sha256(struct sha256 *h, const void *data, size_t size);

/* 1 if they are the same, else 0. */
int sha256_same(const struct sha256_digest *a, const struct sha256_digest *b);

#endif
