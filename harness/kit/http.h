/* SPDX-License-Identifier: MIT */
/*
 * HTTP over loopback: a server process that answers after a set delay, and
 * clients that check every byte of the answer.
 *
 * The server is a process of its own, so that neither its threads nor its CPU
 * time are taken for those of what is measured. It answers GET /BYTES/ITEM with
 * BYTES bytes that follow from ITEM. Requests never leave 127.0.0.1, whatever
 * proxies the environment names.
 *
 * Errors:       false, with one line in `why` that names the thing and the
 *               remedy.
 * Thread-safe:  the server is started and stopped by one thread, started before
 *               there are others. A client belongs to one thread at a time.
 */
#ifndef KIT_HTTP_H
#define KIT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { HTTP_WHY_BYTES = 160, HTTP_BODY_MAX = 1 << 24 };

struct http_server {
	pid_t pid;
	uint16_t port;
	char why[HTTP_WHY_BYTES];
};

/* Returns when it accepts connections, on a port that the system chooses if it
 * is 0. Each request is answered delay_ms after it has arrived, however many
 * wait at the same time. Dies with the caller. */
bool http_server_start(struct http_server *s, uint16_t port, unsigned delay_ms);

/* Does nothing to a zeroed server or one that failed to start. */
void http_server_stop(struct http_server *s);

/* One connection, kept open from fetch to fetch. */
struct http_client {
	void *curl;
	uint16_t port;
	uint64_t item;		/* what is being fetched */
	size_t received, wrong; /* bytes of it */
	char why[HTTP_WHY_BYTES];
};

bool http_client_open(struct http_client *h, const struct http_server *s);

/* Does nothing to a zeroed client. */
void http_client_close(struct http_client *h);

/* true if the answer had status 200 and exactly the bytes of the item. */
bool http_fetch(struct http_client *h, uint64_t item, size_t bytes);

#endif
