/* SPDX-License-Identifier: MIT */
#include "write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "../say.h"
#include "../settings.h"
#include "record.h"

/* Through a buffer of ours: threads of the program may still run, and one may
 * have stdio's locks. */
static struct {
	int fd;
	size_t n;
	char bytes[1 << 16];
} out;

static double per_ns;

static void push(void)
{
	size_t done = 0;

	while (done < out.n) {
		ssize_t n = write(out.fd, out.bytes + done, out.n - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	out.n = 0;
}

static __attribute__((format(printf, 1, 2))) void put(const char *format, ...)
{
	enum { MOST = PATH_MAX + 100 };
	va_list arguments;

	if (sizeof(out.bytes) - out.n < MOST)
		push();
	va_start(arguments, format);
	out.n += (size_t)vsnprintf(out.bytes + out.n, MOST, format, arguments);
	va_end(arguments);
}

static unsigned long long in_ns(uint64_t t)
{
	return (unsigned long long)((double)t / per_ns + 0.5);
}

static unsigned long long read_tally(struct record *r, enum tally what)
{
	return atomic_load_explicit(&r->tallies[what], memory_order_relaxed);
}

/* ---- what to find names with ---- */

static int put_module(struct dl_phdr_info *info, size_t size, void *unused)
{
	unsigned long start = ULONG_MAX, end = 0;
	char path[PATH_MAX] = "";
	const char *name = info->dlpi_name;
	ssize_t n;

	(void)size, (void)unused;
	if (!*name) {
		n = readlink("/proc/self/exe", path, sizeof(path) - 1);
		path[n > 0 ? n : 0] = '\0';
		name = path;
	}
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		unsigned long at = info->dlpi_addr + p->p_vaddr;

		if (p->p_type != PT_LOAD)
			continue;
		start = at < start ? at : start;
		end = at + p->p_memsz > end ? at + p->p_memsz : end;
	}
	put("module %lx %lx %lx %s\n", (unsigned long)info->dlpi_addr, start,
	    end, name);
	return 0;
}

/* ---- origins and objects ---- */

static void put_times(const char *name, struct times *h)
{
	bool any = false;

	for (unsigned i = 0; i < TIMES_BUCKETS; i++) {
		uint32_t n = atomic_load_explicit(&h->counts[i],
						  memory_order_relaxed);

		if (!n)
			continue;
		put("%s %.0f:%u", any ? "" : name, times_middle(i) / per_ns, n);
		any = true;
	}
	if (any)
		put("\n");
}

static void put_origin(struct origin *o)
{
	put("origin %u %s %s %lx\n", o->index, profile_kinds[o->kind],
	    o->by_use ? "use" : "init", (unsigned long)o->site);
	put_times("gap", &o->gap);
	put("gap_burnt %llu %llu\n",
	    (unsigned long long)atomic_load_explicit(&o->gap_burnt_ns,
						     memory_order_relaxed),
	    in_ns(atomic_load_explicit(&o->gap_burnt_of,
				       memory_order_relaxed)));
}

/* Looked at in some of the waits: as much of the others. */
static double burnt_ns(struct record *r)
{
	double of = (double)read_tally(r, TALLY_BURNT_OF) / per_ns;
	double share = of > 0 ? (double)read_tally(r, TALLY_BURNT_NS) / of : 0;

	/* the reading itself is in it */
	return (share < 1 ? share : 1) * (double)in_ns(r->tallies[TALLY_WAIT]);
}

static void put_sites(struct record *r)
{
	put("sites");
	for (int i = 0; i < RECORD_SITES; i++) {
		const void *at = atomic_load_explicit(&r->sites[i].address,
						      memory_order_relaxed);

		if (at)
			put(" %lx:%u", (unsigned long)at,
			    atomic_load_explicit(&r->sites[i].samples,
						 memory_order_relaxed));
	}
	put("\nthreads");
	for (int i = 0; i < RECORD_THREADS / 64; i++)
		put(" %llx", (unsigned long long)atomic_load_explicit(
				     &r->threads[i], memory_order_relaxed));
	put("\n");
}

static bool is_used(struct record *r)
{
	return read_tally(r, TALLY_WRITES) || read_tally(r, TALLY_OTHERS) ||
	       read_tally(r, TALLY_FAILED);
}

static void put_object(struct record *r)
{
	struct record_times *t = record_times(r);

	put("object %lx %u %llu\n", (unsigned long)r->address, r->origin->index,
	    read_tally(r, TALLY_INITS));
	put("counts %llu %llu %llu %llu %llu\n", read_tally(r, TALLY_WRITES),
	    read_tally(r, TALLY_OTHERS), read_tally(r, TALLY_CONTENDED),
	    read_tally(r, TALLY_FAILED),
	    (unsigned long long)atomic_load_explicit(&r->handovers,
						     memory_order_relaxed));
	put("waited %llu %.0f\n", in_ns(read_tally(r, TALLY_WAIT)),
	    burnt_ns(r));
	put_sites(r);
	if (!t)
		return;
	put_times("wait", &t->wait);
	put_times("hold", &t->hold);
	put_times("rest", &t->rest);
}

void profile_write(struct pace_of_ticks begun)
{
	struct pace_of_ticks now = pace_now();
	char path[PATH_MAX + 20];

	snprintf(path, sizeof(path), "%s.%d", settings.profile, getpid());
	out.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (out.fd < 0) {
		say("cannot write the profile %s: give --profile a folder "
		    "that the program may write to",
		    path);
		return;
	}
	per_ns = ticks_per_ns(begun, now);
	put("profile 1\npid %d\nelapsed_ns %llu\nmerged %u\n", getpid(),
	    (unsigned long long)(now.ns - begun.ns), n_records_merged);
	put("program %s\n", program_invocation_name);
	dl_iterate_phdr(put_module, NULL);
	for (struct origin *o = all_origins; o; o = o->next_of_all)
		put_origin(o);
	for (struct record *r = all_records; r; r = r->next_of_all)
		if (is_used(r))
			put_object(r);
	put("end\n");
	push();
	close(out.fd);
}
