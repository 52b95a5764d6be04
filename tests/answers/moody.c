/* SPDX-License-Identifier: MIT */
/*
 * Each process draws by lot how slow it is, 1 to 4 ms a turn, and gives each
 * thread the same. Its windows differ a lot and their threads not at all, so
 * that a few windows say next to nothing, however many threads they have (M12).
 */
#include <sys/random.h>

#include "_pause.h"
#include "_ring.h"

struct moody {
	struct ring ring;
	uint64_t ns; /* constant after init */
};

static unsigned turns(unsigned seat, uint64_t round)
{
	(void)seat, (void)round;
	return 1;
}

static int init(void *mutex)
{
	struct moody *m = mutex;
	uint16_t lot;

	if (getrandom(&lot, sizeof(lot), 0) != sizeof(lot))
		return errno;
	m->ns = NS_PER_MS + 3 * NS_PER_MS * lot / UINT16_MAX;
	return ring_init(&m->ring, turns);
}

static void lock(void *mutex, void *node)
{
	struct moody *m = mutex;

	(void)node;
	ring_lock(&m->ring);
	pause_asleep(m->ns);
}

static void unlock(void *mutex, void *node)
{
	(void)node;
	ring_unlock(&((struct moody *)mutex)->ring);
}

REGISTER_MUTEX(
	.id = {
		.name = "moody",
		.brief = "known answer: as slow as its process draws by lot",
		.source = "planted",
		.unsupported = "a known answer has no try or timed form",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct moody),
	},
	.init = init,
	.lock = lock,
	.unlock = unlock);
