/* SPDX-License-Identifier: MIT */
/*
 * Places are return addresses less the load address of the executable, so that
 * they mean the same in every run.
 *
 * Which places this process has noted is in a small hash set of its own. The
 * page's list is common to all jobs: two of them may note one place at the same
 * time, who reads the list has to bear with that.
 */
#include <link.h>

#include "sites.h"

enum { SEEN_MAX = 4 * EXPLORE_SITES_MAX };

static uintptr_t seen[SEEN_MAX];
static unsigned seen_count;

/* Is it new to this process? */
static bool see(uintptr_t pc)
{
	unsigned i = (unsigned)(pc * 0x9e3779b9u) % SEEN_MAX;

	while (seen[i] && seen[i] != pc)
		i = (i + 1) % SEEN_MAX;
	if (seen[i] || seen_count == SEEN_MAX / 2)
		return false;
	seen[i] = pc;
	seen_count++;
	return true;
}

static bool listed(uintptr_t pc)
{
	uint32_t n = page->sites;

	for (uint32_t i = 0; i < n && i < EXPLORE_SITES_MAX; i++)
		if (page->site[i].pc == pc)
			return true;
	return false;
}

static void list(uintptr_t pc, const struct op *op)
{
	uint32_t i;

	if (listed(pc))
		return;
	i = page->sites++;
	if (i >= EXPLORE_SITES_MAX) {
		page->sites = EXPLORE_SITES_MAX;
		return;
	}
	page->site[i] = (struct explore_site){
		.pc = pc,
		.kind = op->kind,
		.order = op->order,
		.failed = op->failed,
	};
}

void site_visit(struct op *op)
{
	uintptr_t pc = (uintptr_t)op->pc - _r_debug.r_map->l_addr;

	if (page->record_sites && see(pc))
		list(pc, op);
	for (unsigned i = 0; i < page->orders; i++)
		if (page->order[i].pc == pc) {
			op->order = page->order[i].order;
			op->failed = page->order[i].failed;
		}
}
