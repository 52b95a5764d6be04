/* SPDX-License-Identifier: MIT */
#include "http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "child.h"

enum {
	BACKLOG = 1024,
	CONNECTIONS_MAX = 4096,
	STACK_BYTES = 256 << 10, /* of a connection's thread */
	/* A fetch that takes longer has failed: the server is gone or hangs. */
	FETCH_TIMEOUT_MS = 30000,
};

static bool fail(char *why, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool fail(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, HTTP_WHY_BYTES, format, args);
	va_end(args);
	return false;
}

/* Byte `at` of an item: any part can be checked without the rest. */
static uint8_t body_byte(uint64_t item, size_t at)
{
	uint64_t x = (item << 24) + at / 8 + 1;

	x *= UINT64_C(0x9e3779b97f4a7c15);
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	return (uint8_t)(x >> (8 * (at % 8)));
}

/* ---- the server process ---- */

static unsigned server_delay_ms;

static void sleep_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
		;
}

static enum MHD_Result respond(struct MHD_Connection *connection,
			       unsigned status, size_t bytes, uint64_t item)
{
	struct MHD_Response *response;
	uint8_t *body = malloc(bytes + 1);
	enum MHD_Result result;

	if (!body)
		return MHD_NO;
	for (size_t i = 0; i < bytes; i++)
		body[i] = body_byte(item, i);
	response = MHD_create_response_from_buffer(bytes, body,
						   MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(body);
		return MHD_NO;
	}
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* Called once with the headers of a request, and again at its end. */
static enum MHD_Result handle(void *unused, struct MHD_Connection *connection,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_size, void **seen)
{
	uint64_t item;
	size_t bytes;

	(void)unused, (void)version, (void)upload;
	if (!*seen) {
		*seen = connection;
		return MHD_YES;
	}
	*upload_size = 0;
	if (strcmp(method, "GET") != 0 ||
	    sscanf(url, "/%zu/%" SCNu64, &bytes, &item) != 2 ||
	    bytes > HTTP_BODY_MAX)
		return respond(connection, MHD_HTTP_NOT_FOUND, 0, 0);
	/* The connection has this thread to itself. */
	sleep_ms(server_delay_ms);
	return respond(connection, MHD_HTTP_OK, bytes, item);
}

/*
 * A thread for each connection: at a delay of milliseconds they all sleep, the
 * delay is as exact as the clock, and none waits for another.
 */
static _Noreturn void serve(int listener, int ready)
{
	const char ok = 1;

	if (!MHD_start_daemon(
		    MHD_USE_THREAD_PER_CONNECTION |
			    MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL,
		    0, NULL, NULL, handle, NULL, MHD_OPTION_LISTEN_SOCKET,
		    listener, MHD_OPTION_CONNECTION_LIMIT,
		    (unsigned)CONNECTIONS_MAX, MHD_OPTION_THREAD_STACK_SIZE,
		    (size_t)STACK_BYTES, MHD_OPTION_END))
		_exit(1);
	if (write(ready, &ok, 1) != 1)
		_exit(1);
	close(ready);
	for (;;)
		pause();
}

/* Can it be reached? bind succeeds even where loopback is down. */
static bool reachable(const struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && connect(fd, (const struct sockaddr *)address,
				     sizeof(*address)) == 0;
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return ok;
}

/* A listening socket; -1 with the reason. */
static int listen_on_loopback(struct http_server *s, uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* a port of the last window may still linger in TIME_WAIT */
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 },
			   sizeof(int));
	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 &&
	    listen(fd, BACKLOG) == 0 &&
	    getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
	    reachable(&address)) {
		s->port = ntohs(address.sin_port);
		return fd;
	}
	if (fd >= 0 && port && (errno == EADDRINUSE || errno == EACCES))
		fail(s->why,
		     "HTTP server: port %u: %s: choose another, or port = 0 "
		     "for "
		     "a free one",
		     port, strerror(errno));
	else
		fail(s->why,
		     "HTTP server: no TCP on 127.0.0.1: %s: bring loopback up "
		     "(ip link set lo up), raise ulimit -n or leave the "
		     "sandbox",
		     strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The process, which has said that it is ready; else reaped. */
static bool spawn(struct http_server *s, int listener)
{
	char ok = 0;
	int ready[2];

	if (pipe(ready) != 0)
		return fail(s->why, "HTTP server: pipe: %s: raise ulimit -n",
			    strerror(errno));
	s->pid = child_fork("http-server");
	if (s->pid == 0) {
		close(ready[0]);
		serve(listener, ready[1]);
	}
	close(ready[1]);
	if (s->pid < 0)
		fail(s->why, "HTTP server: fork: %s: raise ulimit -u",
		     strerror(errno));
	else if (read(ready[0], &ok, 1) != 1)
		fail(s->why, "HTTP server: libmicrohttpd did not start: raise "
			     "ulimit -n and -u, or reinstall "
			     "libmicrohttpd12");
	close(ready[0]);
	if (!ok)
		http_server_stop(s);
	return ok;
}

bool http_server_start(struct http_server *s, uint16_t port, unsigned delay_ms)
{
	int listener;
	bool ok;

	*s = (struct http_server){ 0 };
	listener = listen_on_loopback(s, port);
	if (listener < 0)
		return false;
	server_delay_ms = delay_ms;
	ok = spawn(s, listener);
	close(listener);
	/* Not thread-safe, so here; without TLS, which takes milliseconds. */
	if (ok && curl_global_init(CURL_GLOBAL_NOTHING) != CURLE_OK) {
		http_server_stop(s);
		return fail(s->why, "HTTP client: libcurl does not start: "
				    "reinstall libcurl4");
	}
	return ok;
}

void http_server_stop(struct http_server *s)
{
	child_stop(&s->pid);
}

/* ---- the client ---- */

static size_t receive(char *data, size_t one, size_t n, void *client)
{
	struct http_client *h = client;

	for (size_t i = 0; i < one * n; i++)
		h->wrong +=
			(uint8_t)data[i] != body_byte(h->item, h->received + i);
	h->received += one * n;
	return one * n;
}

bool http_client_open(struct http_client *h, const struct http_server *s)
{
	*h = (struct http_client){ .curl = curl_easy_init(), .port = s->port };
	if (!h->curl)
		return fail(h->why, "HTTP client: no memory for a handle of "
				    "libcurl: ask for fewer threads");
	curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(h->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, (long)FETCH_TIMEOUT_MS);
	return true;
}

void http_client_close(struct http_client *h)
{
	curl_easy_cleanup(h->curl);
	h->curl = NULL;
}

bool http_fetch(struct http_client *h, uint64_t item, size_t bytes)
{
	char url[80];
	long status = 0;
	CURLcode code;

	h->item = item;
	h->received = 0;
	h->wrong = 0;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/%zu/%" PRIu64, h->port,
		 bytes, item);
	curl_easy_setopt(h->curl, CURLOPT_URL, url);
	code = curl_easy_perform(h->curl);
	if (code != CURLE_OK) {
		long error = 0;

		curl_easy_getinfo(h->curl, CURLINFO_OS_ERRNO, &error);
		return fail(h->why,
			    "%s: %s (%s): is the server process alive, and "
			    "does ulimit -n allow the sockets?",
			    url, curl_easy_strerror(code),
			    error ? strerror((int)error) : "no socket");
	}
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return fail(h->why, "%s: status %ld instead of 200", url,
			    status);
	if (h->received != bytes || h->wrong)
		return fail(h->why, "%s: %zu bytes, of which %zu wrong", url,
			    h->received, h->wrong);
	return true;
}
