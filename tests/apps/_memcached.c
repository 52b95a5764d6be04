/* SPDX-License-Identifier: MIT */
/*
 *	program SOCKET CONNECTIONS ROUNDS
 *
 * A client of memcached's text protocol. Each connection has a process of its
 * own; in each round it sets a key, gets a key of the batch before and compares
 * the value, and adds 1 to a counter that all share. 64 rounds go out at a
 *time, so that the server is what is waited for. At the end: how many values
 *were right and wrong, the counter, the server's own count of hits, and the
 *commands a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, KEYS = 5000 };

struct tally {
	long right, wrong;
};

struct server {
	FILE *in, *out;
};

static struct server connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		perror(path);
		exit(2);
	}
	return (struct server){ fdopen(fd, "r"), fdopen(dup(fd), "w") };
}

static const char *line(const struct server *s)
{
	static char text[1024];

	if (!fgets(text, sizeof(text), s->in)) {
		fprintf(stderr, "the server has hung up\n");
		exit(1);
	}
	return text;
}

/* A value that says whose it is and of which round; long for every other key,
 * so that it is in another slab class. */
static void value(char *out, size_t size, int me, int round)
{
	snprintf(out, size, "%0*d/%d", round % 2 ? 200 : 20, round, me);
}

static void ask(const struct server *s, int me, int first, int n)
{
	char text[256];

	for (int i = first; i < first + n; i++) {
		value(text, sizeof(text), me, i);
		fprintf(s->out, "set k%d.%d 0 0 %zu\r\n%s\r\n", me, i % KEYS,
			strlen(text), text);
	}
	for (int i = first; i < first + n; i++)
		fprintf(s->out, "incr counter 1\r\nget k%d.%d\r\n", me,
			i % KEYS);
	fflush(s->out);
}

static int got(const struct server *s, const char *text)
{
	int same;

	if (strncmp(line(s), "VALUE ", 6) != 0)
		return 0;
	same = strncmp(line(s), text, strlen(text)) == 0;
	return strncmp(line(s), "END", 3) == 0 && same;
}

static void hear(const struct server *s, int me, int first, int n,
		 struct tally *t)
{
	char text[256];

	for (int i = 0; i < n; i++)
		t->wrong += strncmp(line(s), "STORED", 6) != 0;
	for (int i = first; i < first + n; i++) {
		value(text, sizeof(text), me, i);
		line(s); /* the counter, which others add to as well */
		if (got(s, text))
			t->right++;
		else
			t->wrong++;
	}
}

static void connection(const char *path, int me, int rounds, struct tally *t)
{
	struct server s = connect_to(path);

	for (int first = 0; first < rounds; first += BATCH) {
		int n = rounds - first < BATCH ? rounds - first : BATCH;

		ask(&s, me, first, n);
		hear(&s, me, first, n, t);
	}
	fclose(s.out);
	fclose(s.in);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void print_counters(const struct server *s)
{
	const char *text;

	fputs("get counter\r\n", s->out);
	fflush(s->out);
	line(s);
	printf("counter %ld\n", atol(line(s)));
	line(s);
	fputs("stats\r\n", s->out);
	fflush(s->out);
	while (strncmp(text = line(s), "END", 3) != 0)
		if (strncmp(text, "STAT get_hits ", 14) == 0)
			printf("get_hits %ld\n", atol(text + 14) - 1);
}

int main(int argc, char **argv)
{
	int n = argc == 4 ? atoi(argv[2]) : 0;
	int rounds = argc == 4 ? atoi(argv[3]) : 0, status = 0, failed = 0;
	struct tally *tally, all = { 0 };
	double start;
	struct server s;

	if (n < 1 || rounds < 1)
		return 2;
	tally = mmap(NULL, (size_t)n * sizeof(*tally), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return 2;
	s = connect_to(argv[1]);
	fputs("set counter 0 0 1\r\n0\r\n", s.out);
	fflush(s.out);
	line(&s);
	start = now();
	for (int me = 0; me < n; me++)
		if (fork() == 0) {
			connection(argv[1], me, rounds, &tally[me]);
			_exit(0);
		}
	while (wait(&status) > 0)
		failed |= status;
	printf("ops_per_s %.0f\n", 3.0 * n * rounds / (now() - start));
	for (int me = 0; me < n; me++) {
		all.right += tally[me].right;
		all.wrong += tally[me].wrong;
	}
	printf("right %ld\nwrong %ld\n", all.right, all.wrong);
	print_counters(&s);
	return failed != 0;
}
