/* SPDX-License-Identifier: MIT */
/*
 * The forms that wait, by trying again and again. Where this is included there
 * are tryput and tryget.
 */
static int timedput(void *queue, void *item, uint64_t deadline)
{
	struct spinner s = { 0 };
	int r;

	while ((r = tryput(queue, item)) == SYNC_BUSY)
		if (!spin_once(&s, deadline))
			return SYNC_TIMEOUT;
	return r;
}

static int put(void *queue, void *item)
{
	return timedput(queue, item, DEADLINE_NEVER);
}

static int timedget(void *queue, void **item, uint64_t deadline)
{
	struct spinner s = { 0 };
	int r;

	while ((r = tryget(queue, item)) == SYNC_BUSY)
		if (!spin_once(&s, deadline))
			return SYNC_TIMEOUT;
	return r;
}

static int get(void *queue, void **item)
{
	return timedget(queue, item, DEADLINE_NEVER);
}
