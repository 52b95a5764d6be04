/* SPDX-License-Identifier: MIT */
/*
 *	program DATABASE THREADS TURNS
 *
 * THREADS share one connection in serialized mode. In each of its TURNS a
 *thread inserts a row of its own and adds 1 to a sum; every tenth turn it reads
 *back what it wrote last.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static sqlite3 *base;
static int turns;

static void must(int status, int ought)
{
	if (status == ought)
		return;
	fprintf(stderr, "%s: %s\n", sqlite3_errstr(status),
		sqlite3_errmsg(base));
	exit(1);
}

static sqlite3_stmt *prepare(const char *text)
{
	sqlite3_stmt *s;

	must(sqlite3_prepare_v2(base, text, -1, &s, NULL), SQLITE_OK);
	return s;
}

static void step(sqlite3_stmt *s)
{
	must(sqlite3_step(s), SQLITE_DONE);
	must(sqlite3_reset(s), SQLITE_OK);
}

static void read_back(sqlite3_stmt *s, int turn)
{
	must(sqlite3_bind_int(s, 2, turn), SQLITE_OK);
	must(sqlite3_step(s), SQLITE_ROW);
	if (sqlite3_column_int(s, 0) != turn * 2) {
		fprintf(stderr, "turn %d is not what was written\n", turn);
		exit(1);
	}
	must(sqlite3_step(s), SQLITE_DONE);
	must(sqlite3_reset(s), SQLITE_OK);
}

static void *work(void *arg)
{
	int thread = *(int *)arg;
	sqlite3_stmt *insert = prepare("INSERT INTO log VALUES(?, ?, ?)");
	sqlite3_stmt *add = prepare("UPDATE sum SET total = total + 1");
	sqlite3_stmt *look =
		prepare("SELECT twice FROM log WHERE thread = ? AND turn = ?");

	must(sqlite3_bind_int(insert, 1, thread), SQLITE_OK);
	must(sqlite3_bind_int(look, 1, thread), SQLITE_OK);
	for (int turn = 0; turn < turns; turn++) {
		must(sqlite3_bind_int(insert, 2, turn), SQLITE_OK);
		must(sqlite3_bind_int(insert, 3, turn * 2), SQLITE_OK);
		step(insert);
		step(add);
		if (turn % 10 == 0)
			read_back(look, turn);
	}
	sqlite3_finalize(insert);
	sqlite3_finalize(add);
	sqlite3_finalize(look);
	return NULL;
}

static void run(const char *text)
{
	must(sqlite3_exec(base, text, NULL, NULL, NULL), SQLITE_OK);
}

int main(int argc, char **argv)
{
	int threads = argc == 4 ? atoi(argv[2]) : 0, names[64];
	pthread_t ids[64];

	if (threads < 1 || threads > 64 || !sqlite3_threadsafe())
		return 2;
	turns = atoi(argv[3]);
	must(sqlite3_open_v2(argv[1], &base,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				     SQLITE_OPEN_FULLMUTEX,
			     NULL),
	     SQLITE_OK);
	run("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;"
	    "CREATE TABLE sum(total INTEGER); INSERT INTO sum VALUES(0);"
	    "CREATE TABLE log(thread INTEGER, turn INTEGER, twice INTEGER,"
	    "                 PRIMARY KEY(thread, turn)) WITHOUT ROWID;"
	    "BEGIN");
	for (int i = 0; i < threads; i++) {
		names[i] = i;
		if (pthread_create(&ids[i], NULL, work, &names[i]))
			return 2;
	}
	for (int i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	run("COMMIT");
	return sqlite3_close(base) != SQLITE_OK;
}
