/* SPDX-License-Identifier: MIT */
/*
 * Reads of heap that nobody has written.
 *
 * A fresh block is filled with a byte of which there are many only by chance. A
 * read that finds it, in all of the block's bytes in its cells, is of what was
 * never written if no write of this execution is noted for what it reads
 * either: so neither a program that writes that byte is accused, nor one that
 * lets the C library fill its buffers.
 */
#include "heap.h"

static bool is_written(const struct cell *cell, uint8_t bytes)
{
	for (unsigned i = 0; i < 8; i++)
		if (bytes >> i & 1 && cell->location[i])
			return true;
	for (unsigned i = 0; i < CELL_ACCESSES; i++)
		if (cell->accesses[i].time && cell->writes >> i & 1 &&
		    cell->accesses[i].bytes & bytes)
			return true;
	return false;
}

static bool is_filled(uintptr_t a, uintptr_t end)
{
	while (a < end && *(const uint8_t *)a == FRESH)
		a++;
	return a == end;
}

static uintptr_t larger(uintptr_t a, uintptr_t b)
{
	return a > b ? a : b;
}

static uintptr_t smaller(uintptr_t a, uintptr_t b)
{
	return a < b ? a : b;
}

bool block_uninitialised(const struct block *block, uintptr_t a, size_t size)
{
	uintptr_t end = a + size;
	uintptr_t low = larger(a & ~(uintptr_t)7, block->start);
	uintptr_t high =
		smaller((end + 7) & ~(uintptr_t)7, block->start + block->size);

	if (!is_filled(low, high))
		return false;
	for (uintptr_t at = a & ~(uintptr_t)7; at < end; at += 8) {
		unsigned mask = 0xff;

		if (at < a)
			mask &= 0xffu << (a - at);
		if (at + 8 > end)
			mask &= 0xffu >> (at + 8 - end);
		if (is_written(memory_cell(at), (uint8_t)mask))
			return false;
	}
	return true;
}
