/* SPDX-License-Identifier: MIT */
#include "results.h"

#include <fcntl.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../command.h"
#include "counters.h"
#include "host.h"
#include "output.h"
#include "recorder.h"
#include "rows.h"

#ifndef SYNCLAB_GIT
#define SYNCLAB_GIT "unknown"
#endif

static const char latencies_header[] =
	"path,block,attempt,sum_ns,max_ns,counts\n";

static int cannot(const char *verb, const char *path)
{
	return lab_fail("cannot %s %s: %s: choose another place with "
			"--out=DIR",
			verb, path, strerror(errno));
}

/* mkdir -p of all but the last part, which must be new. */
static int make_folder(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';

		int error = mkdir(path, 0777) && errno != EEXIST;

		if (error)
			return cannot("make the folder", path);
		*p = '/';
	}
	/* results are never overwritten: a second run in one second waits */
	while (mkdir(path, 0777)) {
		if (errno != EEXIST)
			return cannot("make the folder", path);
		return EEXIST;
	}
	return 0;
}

/* ---- env.json ---- */

/* Our own campaigns by their place in the tree, wherever that lies. */
static const char *below_root(const char *file)
{
	size_t n = strlen(SYNCLAB_ROOT);

	return strncmp(file, SYNCLAB_ROOT "/", n + 1) == 0 ? file + n + 1
							   : file;
}

/* Which cells, for how long, in which blocks: what the arguments come to. */
static void digest_cells(const struct campaign *c, char out[65])
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	fprintf(f, "%llu %d\n", (unsigned long long)c->ramp_ms, c->sequential);
	for (size_t i = 0; i < c->n; i++) {
		char identity[600];

		row_identity(&c->cells[i], identity, sizeof(identity));
		fprintf(f, "%s %llu\n", identity,
			(unsigned long long)c->cells[i].window_ms);
	}
	fclose(f);
	host_digest(text, size, out);
	free(text);
}

static json_t *make_key(const struct request *q)
{
	json_t *key = host_key();
	char digest[65];

	digest_cells(q->campaign, digest);
	json_object_set_new(key, "cells", json_string(digest));
	if (q->base) {
		host_digest_file(q->base, digest);
		json_object_set_new(key, "base", json_string(digest));
	}
	json_object_set_new(key, "schema", json_integer(SCHEMA));
	return key;
}

static bool write_environment(const struct results *r, const struct request *q)
{
	const struct campaign *c = q->campaign;
	char path[700];
	const char *missing = counters_missing();
	json_t *o = json_object(), *arguments = json_array();
	bool good;

	for (int i = 0; i < q->argc; i++)
		json_array_append_new(arguments, json_string(q->argv[i]));
	json_object_set_new(o, "schema", json_integer(SCHEMA));
	json_object_set_new(o, "git", json_string(SYNCLAB_GIT));
	json_object_set_new(o, "compiler", json_string(__VERSION__));
	json_object_set_new(o, "profile", json_string(q->profile));
	json_object_set_new(o, "campaign", json_string(below_root(c->file)));
	json_object_set_new(o, "arguments", arguments);
	json_object_set_new(o, "seed", json_integer((json_int_t)q->seed));
	json_object_set_new(o, "window_ms", json_integer((int)c->window_ms));
	json_object_set_new(o, "ramp_ms", json_integer((int)c->ramp_ms));
	json_object_set_new(o, "repetitions", json_integer(c->repetitions));
	json_object_set_new(o, "cells", json_integer((json_int_t)c->n));
	json_object_set_new(o, "clock_cost_ns",
			    json_integer((json_int_t)clock_cost_ns));
	json_object_set_new(o, "work_step_ns", json_real(work_step_ns));
	json_object_set_new(o, "machine", host_describe());
	if (missing)
		json_object_set_new(o, "counters_missing",
				    json_string(missing));
	json_object_set_new(o, "key", make_key(q));
	snprintf(path, sizeof(path), "%s/env.json", r->folder);
	good = json_dump_file(o, path, JSON_INDENT(2)) == 0;
	json_decref(o);
	return good;
}

/* ---- a new campaign ---- */

/* Open for appending; a new file gets its header. -1 (errno). */
static int open_table(const struct results *r, const char *name,
		      const char *header)
{
	char path[700];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", r->folder, name);
	fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd < 0)
		return -1;
	if (lseek(fd, 0, SEEK_END) == 0 &&
	    write(fd, header, strlen(header)) != (ssize_t)strlen(header)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_tables(struct results *r)
{
	r->raw = open_table(r, "raw.csv", row_header());
	r->latencies = open_table(r, "latencies.csv", latencies_header);
	return r->raw < 0 || r->latencies < 0 ? cannot("write into", r->folder)
					      : 0;
}

int results_open(const char *dir, const struct request *request,
		 struct results *out)
{
	char machine[160], utc[32], path[700];
	int error;

	host_name(machine, sizeof(machine));
	do {
		time_t now = time(NULL);
		struct tm tm;

		gmtime_r(&now, &tm);
		strftime(utc, sizeof(utc), "%Y%m%dT%H%M%SZ", &tm);
		snprintf(out->folder, sizeof(out->folder), "%.300s/%s/%s-%s",
			 dir, machine, utc, SYNCLAB_GIT);
		error = make_folder(out->folder);
		if (error == EEXIST)
			sleep(1);
	} while (error == EEXIST);
	if (error)
		return error;
	snprintf(path, sizeof(path), "%s/histograms", out->folder);
	if (mkdir(path, 0777))
		return cannot("make the folder", path);
	if (!write_environment(out, request))
		return lab_fail("cannot write %s/env.json: %s: free some space",
				out->folder, strerror(errno));
	return open_tables(out);
}

/* ---- an old one ---- */

/* NULL if the campaign in folder was made of what the request is made of, or
 * which part of the key differs. */
static const char *key_differs(const char *folder, const json_t *key,
			       uint64_t *seed)
{
	static char part[32];
	char path[700];
	const char *name, *differs = NULL;
	json_t *env, *value;

	snprintf(path, sizeof(path), "%s/env.json", folder);
	env = json_load_file(path, 0, NULL);
	if (!env)
		return "env.json";
	json_object_foreach(
		(json_t *)(uintptr_t)key, name,
		value) if (!json_equal(value,
				       json_object_get(json_object_get(env,
								       "key"),
						       name)))
	{
		snprintf(part, sizeof(part), "%s", name);
		differs = part;
	}
	*seed = (uint64_t)json_integer_value(json_object_get(env, "seed"));
	/* or sections of the same name would differ in length */
	if (!differs) {
		clock_cost_ns = (uint64_t)json_integer_value(
			json_object_get(env, "clock_cost_ns"));
		work_step_ns =
			json_real_value(json_object_get(env, "work_step_ns"));
	}
	json_decref(env);
	return differs;
}

/* A crash may have left half a line: drop it. */
static int drop_torn_line(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char c = '\n';

	for (; end > 0; end--)
		if (pread(fd, &c, 1, end - 1) == 1 && c == '\n')
			break;
	return ftruncate(fd, end);
}

static void find_newest(const char *dir, const json_t *key, struct results *out,
			uint64_t *seed)
{
	char machine[160], pattern[700];
	glob_t g;

	host_name(machine, sizeof(machine));
	snprintf(pattern, sizeof(pattern), "%.300s/%s/*Z-*", dir, machine);
	out->folder[0] = '\0';
	if (glob(pattern, 0, NULL, &g))
		return;
	for (size_t i = g.gl_pathc; i > 0 && !out->folder[0]; i--)
		if (!key_differs(g.gl_pathv[i - 1], key, seed))
			snprintf(out->folder, sizeof(out->folder), "%s",
				 g.gl_pathv[i - 1]);
	globfree(&g);
}

int results_resume(const char *dir, const char *folder,
		   const struct request *request, struct results *out,
		   uint64_t *seed)
{
	json_t *key = make_key(request);
	const char *differs = NULL;
	int error;

	if (folder[0]) {
		snprintf(out->folder, sizeof(out->folder), "%s", folder);
		differs = key_differs(folder, key, seed);
	} else {
		find_newest(dir, key, out, seed);
	}
	json_decref(key);
	if (differs && strcmp(differs, "env.json") == 0)
		return lab_fail("--resume=%s: no campaign there: name a folder "
				"that `synclab bench` has written",
				folder);
	if (differs)
		return lab_fail("--resume=%s: not the same %s: measure anew, "
				"without --resume",
				folder, differs);
	if (!out->folder[0])
		return 0;
	error = open_tables(out);
	if (error)
		return error;
	if (drop_torn_line(out->raw) || drop_torn_line(out->latencies))
		return cannot("write into", out->folder);
	return 0;
}

struct reader {
	struct summary *summary;
	char (*identities)[600]; /* of the campaign's cells */
};

static bool read_row(void *context, const struct record *record)
{
	struct reader *r = context;
	const struct campaign *c = r->summary->campaign;
	char identity[600];
	struct row row;

	record_identity(record, identity, sizeof(identity));
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(identity, r->identities[i]) != 0)
			continue;
		row_from_record(&row, record);
		row.cell = &c->cells[i];
		summary_add(r->summary, i, &row, NULL);
		break;
	}
	return true;
}

/* A histogram counts if the row of its window is there and valid. */
static bool read_latency(void *context, const struct record *record)
{
	struct reader *r = context;
	struct summary *s = r->summary;
	const char *path = record_get(record, "path");
	unsigned block = (unsigned)atoi(record_get(record, "block"));
	unsigned attempt = (unsigned)atoi(record_get(record, "attempt"));
	static struct histogram h;

	memset(&h, 0, sizeof(h));
	histogram_read(&h, record_get(record, "counts"));
	h.sum = strtod(record_get(record, "sum_ns"), NULL);
	h.max = strtoull(record_get(record, "max_ns"), NULL, 10);
	for (size_t i = 0; i < s->campaign->n; i++) {
		const struct row *row;

		if (strcmp(path, s->campaign->cells[i].path) != 0)
			continue;
		row = summary_row(s, i, block);
		if (row && row->context.attempt == attempt)
			summary_add_latency(s, i, &h);
		break;
	}
	return true;
}

int results_read(const struct results *r, struct summary *s)
{
	const struct campaign *c = s->campaign;
	struct reader reader = { .summary = s,
				 .identities = calloc(
					 c->n, sizeof(*reader.identities)) };
	char path[700];
	int error;

	if (!reader.identities)
		abort();
	for (size_t i = 0; i < c->n; i++)
		row_identity(&c->cells[i], reader.identities[i],
			     sizeof(reader.identities[i]));
	snprintf(path, sizeof(path), "%s/raw.csv", r->folder);
	error = rows_each(path, read_row, &reader);
	snprintf(path, sizeof(path), "%s/latencies.csv", r->folder);
	if (!error)
		error = rows_each(path, read_latency, &reader);
	free(reader.identities);
	return error;
}

/* The histogram first: without its row it counts for nothing. */
bool results_add(const struct results *r, const struct row *row,
		 const struct histogram *latency)
{
	if (!isnan(row->figures[SAMPLES])) {
		char *text = NULL;
		size_t size = 0;
		FILE *f = open_memstream(&text, &size);
		bool good;

		if (!f)
			return false;
		fprintf(f, "%s,%u,%u,%.17g,%llu,\"", row->cell->path,
			row->context.block, row->context.attempt, latency->sum,
			(unsigned long long)latency->max);
		histogram_write(latency, f);
		fputs("\"\n", f);
		fclose(f);
		good = output_append(r->latencies, text, size);
		free(text);
		if (!good)
			return false;
	}
	return row_write(r->raw, row);
}

bool results_add_handovers(const struct results *r, const struct row *row,
			   const struct order_matrix *m)
{
	static struct order_matrix sum;
	char folder[700], path[1100];
	struct output o;
	FILE *f;

	snprintf(folder, sizeof(folder), "%s/histograms", r->folder);
	output_name(path, sizeof(path), folder, row->cell->path, "handovers");
	memset(&sum, 0, sizeof(sum));
	f = fopen(path, "r");
	if (f) {
		order_matrix_read(&sum, f);
		fclose(f);
	}
	order_matrix_merge(&sum, m);
	if (!output_open(&o, path))
		return false;
	order_matrix_print(&sum, o.file);
	return output_close(&o);
}
