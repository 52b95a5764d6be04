/* SPDX-License-Identifier: MIT */
#include "sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "splitmix.h"

struct sha256 {
	EVP_MD *algorithm;
	EVP_MD_CTX *context;
};

void sha256_fill(void *data, size_t size, uint64_t i)
{
	uint8_t *bytes = data;
	uint64_t word = 0;

	for (size_t at = 0; at < size; at++) {
		if (at % sizeof(word) == 0)
			word = splitmix_next(&i);
		bytes[at] = (uint8_t)(word >> (8 * (at % sizeof(word))));
	}
}

static _Noreturn void refused(void)
{
	fputs("synclab: libcrypto refuses SHA-256: check OPENSSL_CONF, or "
	      "reinstall libssl3\n",
	      stderr);
	exit(2);
}

struct sha256 *sha256_new(void)
{
	struct sha256 *h = malloc(sizeof(*h));

	if (!h)
		refused();
	h->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	h->context = EVP_MD_CTX_new();
	if (!h->algorithm || !h->context)
		refused();
	return h;
}

void sha256_free(struct sha256 *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->context);
	EVP_MD_free(h->algorithm);
	free(h);
}

struct sha256_digest sha256(struct sha256 *h, const void *data, size_t size)
{
	struct sha256_digest digest;

	if (!EVP_DigestInit_ex2(h->context, h->algorithm, NULL) ||
	    !EVP_DigestUpdate(h->context, data, size) ||
	    !EVP_DigestFinal_ex(h->context, digest.bytes, NULL))
		refused();
	return digest;
}

int sha256_same(const struct sha256_digest *a, const struct sha256_digest *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
