/* SPDX-License-Identifier: MIT */
/*
 * Fibers: fiber.h, and switch.S for what C cannot say.
 *
 * A fiber's place in the range of stacks, from below: a guard, its stack, a
 * guard, and the stack of the kernel thread that it has its thread-local
 * storage from. glibc puts that storage at the upper end of a stack it is
 * given, hence everything is at the same address in each run.
 *
 * The scheduler keeps the storage that was set last: it uses none of its own,
 * and most switches go back to where they came from. What leaves the process
 * or makes a new one calls fiber_home() first.
 */
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fiber.h"
#include "memory.h"
#include "view.h"

#if defined(__x86_64__)
/* Words from the stack pointer of a fiber that does not run: what switch.S has
 * saved, and two more where it begins. */
enum { FRAME_FUNCTION = 4, FRAME_POINTER = 5, FRAME_PC = 6, FRAME_WORDS = 9 };
#elif defined(__aarch64__)
enum {
	FRAME_FUNCTION = 0,
	FRAME_POINTER = 10,
	FRAME_PC = 11,
	FRAME_WORDS = 22
};
#endif

/* What earlier executions have left there would be found in the holes of frames
 * and in variables that are used uninitialised. Not all of the stack: most
 * programs need no more than this. */
enum { CLEARED_BYTES = 2048 };

void fiber_switch(void **from, void *to);
void fiber_first(void);

static struct fiber fibers[THREADS_MAX], *current;
static void *scheduler; /* its stack pointer while a fiber runs */
static uintptr_t home;	/* thread pointer of the kernel thread that is left */
static uintptr_t set;	/* the thread pointer now */

/* The program's thread-local variables; libc's lie elsewhere. */
static struct {
	ptrdiff_t from_pointer; /* from the thread pointer */
	size_t bytes;
	char *fresh; /* as at the start of a thread */
	char *first; /* as main finds them: constructors have run */
} locals;
static ptrdiff_t errno_from_pointer;

/* ---- the register that thread-local storage hangs from ---- */

static uintptr_t get_pointer(void)
{
	uintptr_t pointer;

#if defined(__x86_64__)
	__asm__("movq %%fs:0, %0" : "=r"(pointer));
#elif defined(__aarch64__)
	__asm__("mrs %0, tpidr_el0" : "=r"(pointer));
#endif
	return pointer;
}

#if defined(__x86_64__)
/* arch/x86/include/uapi/asm/{prctl,hwcap2}.h: not all libraries have them */
enum { SET_FS = 0x1002, HAS_FSGSBASE = 1 << 1 };
static bool wrfsbase;

static void set_pointer(uintptr_t pointer)
{
	set = pointer;
	if (wrfsbase)
		__asm__ volatile("wrfsbase %0" ::"r"(pointer) : "memory");
	else
		syscall(SYS_arch_prctl, SET_FS, pointer);
}
#elif defined(__aarch64__)
static void set_pointer(uintptr_t pointer)
{
	set = pointer;
	__asm__ volatile("msr tpidr_el0, %0" ::"r"(pointer) : "memory");
}
#endif

/* ---- making them ---- */

/* The first object that is told of is the program. */
static int find_locals(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)size, (void)unused;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];

		if (h->p_type != PT_TLS || !info->dlpi_tls_data)
			continue;
		locals.bytes = h->p_memsz;
		locals.from_pointer =
			(char *)info->dlpi_tls_data - (char *)get_pointer();
		locals.fresh = calloc(2, h->p_memsz);
		if (!locals.fresh)
			abort();
		memcpy(locals.fresh, (char *)info->dlpi_addr + h->p_vaddr,
		       h->p_filesz);
		locals.first = locals.fresh + h->p_memsz;
		memcpy(locals.first, info->dlpi_tls_data, h->p_memsz);
	}
	return 1;
}

static sem_t parked;

static void *park(void *fiber)
{
	((struct fiber *)fiber)->tls = get_pointer();
	sem_post(&parked);
	for (;;)
		pause();
	return NULL;
}

static void lend_storage(struct fiber *f, char *stack, size_t bytes)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, stack, bytes);
	if (pthread_create(&thread, &attributes, park, f))
		abort();
	pthread_attr_destroy(&attributes);
	while (sem_wait(&parked))
		;
}

static void make(struct fiber *f, char *place, size_t parked_bytes)
{
	mprotect(place, FIBER_GUARD_BYTES, PROT_NONE);
	f->low = place + FIBER_GUARD_BYTES;
	f->top = f->low + FIBER_STACK_BYTES;
	mprotect(f->top, FIBER_GUARD_BYTES, PROT_NONE);
	lend_storage(f, f->top + FIBER_GUARD_BYTES, parked_bytes);
}

void fiber_start(unsigned n)
{
	/* with room for all thread-local storage, and for pause() */
	size_t parked_bytes =
		((size_t)sysconf(_SC_THREAD_STACK_MIN) + (16 << 10) + 0xffff) &
		~(size_t)0xffff;
	size_t each = 2 * FIBER_GUARD_BYTES + FIBER_STACK_BYTES + parked_bytes;
	char *stacks = memory_stacks(n * each);
	sigset_t all, before;

#if defined(__x86_64__)
	wrfsbase = getauxval(AT_HWCAP2) & HAS_FSGSBASE;
#endif
	home = set = get_pointer();
	errno_from_pointer = (char *)&errno - (char *)home;
	dl_iterate_phdr(find_locals, NULL);
	sem_init(&parked, 0, 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (unsigned i = 0; i < n; i++)
		make(&fibers[i], stacks + i * each, parked_bytes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- running them ---- */

struct fiber *fiber_begin(unsigned i, void (*entry)(void))
{
	struct fiber *f = &fibers[i];
	uintptr_t *frame = (uintptr_t *)f->top - FRAME_WORDS;

	memset(f->top - CLEARED_BYTES, 0, CLEARED_BYTES);
	frame[FRAME_FUNCTION] = (uintptr_t)entry;
	frame[FRAME_PC] = (uintptr_t)fiber_first;
	f->sp = frame;
	if (locals.bytes)
		memcpy((char *)f->tls + locals.from_pointer,
		       i ? locals.fresh : locals.first, locals.bytes);
	*(int *)((char *)f->tls + errno_from_pointer) = 0;
	return f;
}

void fiber_resume(struct fiber *f)
{
	if (set != f->tls)
		set_pointer(f->tls);
	current = f;
	fiber_switch(&scheduler, f->sp);
}

void fiber_pause(void)
{
	fiber_switch(&current->sp, scheduler);
}

void fiber_home(void)
{
	set_pointer(home);
}

char *fiber_locals(const struct fiber *f, size_t *bytes)
{
	*bytes = locals.bytes;
	return (char *)f->tls + locals.from_pointer;
}

static inline uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Two words a multiplication, as in wyhash (Wang Yi, public domain); two lanes,
 * since each waits for its own last product only. */
static uint64_t hash_words(uint64_t a, const uint64_t *w, const uint64_t *end)
{
	uint64_t b = (uint64_t)(end - w);

	for (; end - w >= 4; w += 4) {
		a = fold(a ^ w[0] ^ 0xa0761d6478bd642f,
			 w[1] ^ 0xe7037ed1a0b428db);
		b = fold(b ^ w[2] ^ 0xa0761d6478bd642f,
			 w[3] ^ 0xe7037ed1a0b428db);
	}
	for (; w < end; w++)
		a = fold(a ^ w[0], 0x8ebc6af09c88c6e3);
	return fold(a ^ 0x589965cc75374cc3, b ^ 0xa0761d6478bd642f);
}

/* What both architectures have at the frame pointer. */
struct frame {
	const struct frame *caller;
	uintptr_t pc;
};

/* Of this library, by the linker. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char etext[] __attribute__((visibility("hidden")));

static bool in_runtime(uintptr_t pc)
{
	return pc - (uintptr_t)__ehdr_start <
	       (uintptr_t)etext - (uintptr_t)__ehdr_start;
}

uint64_t fiber_hash(const struct fiber *f, const void *from)
{
	const uint64_t *saved = from, *top = (const uint64_t *)f->top;
	const struct frame *frame = (const struct frame *)saved[FRAME_POINTER];
	uint64_t h = hash_words(saved[FRAME_PC], saved, saved + FRAME_POINTER);

	for (; frame && in_runtime(frame->pc); frame = frame->caller)
		h = fold(h ^ frame->pc, 0x8ebc6af09c88c6e3);
	return frame ? hash_words(h, (const uint64_t *)frame, top) : h;
}
