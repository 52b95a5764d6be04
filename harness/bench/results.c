/* SPDX-License-Identifier: MIT */
#include "results.h"

#include <ctype.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <hwloc.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "../command.h"
#include "recorder.h"
#include "row.h"

#ifndef SYNCLAB_GIT
#define SYNCLAB_GIT "unknown"
#endif

/* The first value of a key of /proc/cpuinfo, or "". */
static void cpuinfo(const char *key, char *out, size_t size)
{
	char line[512];
	FILE *f = fopen("/proc/cpuinfo", "r");

	out[0] = '\0';
	while (f && fgets(line, sizeof(line), f)) {
		char *value = strchr(line, ':');

		if (strncmp(line, key, strlen(key)) != 0 || !value)
			continue;
		value[strcspn(value, "\n")] = '\0';
		snprintf(out, size, "%s", value + 1 + (value[1] == ' '));
		break;
	}
	if (f)
		fclose(f);
}

/* "xeon-platinum-8481c-2cpu": a folder name that says what the machine is. */
static void machine_name(char *out, size_t size)
{
	char model[128];
	size_t n = 0;
	struct utsname u;

	cpuinfo("model name", model, sizeof(model));
	if (!model[0] && uname(&u) == 0)
		snprintf(model, sizeof(model), "%s", u.machine);
	for (const char *p = model; *p && *p != '@' && n + 16 < size; p++) {
		/* "(R)" and "(TM)" say nothing */
		if (*p == '(') {
			while (p[1] && *p != ')')
				p++;
			continue;
		}
		if (isalnum((unsigned char)*p))
			out[n++] = (char)tolower((unsigned char)*p);
		else if (n && out[n - 1] != '-')
			out[n++] = '-';
	}
	while (n && out[n - 1] == '-')
		n--;
	snprintf(out + n, size - n, "-%ldcpu", sysconf(_SC_NPROCESSORS_ONLN));
}

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

int results_open(const char *dir, struct results *out)
{
	char machine[160], utc[32], path[700];
	int error;

	machine_name(machine, sizeof(machine));
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
	snprintf(path, sizeof(path), "%s/raw.csv", out->folder);
	out->raw = open(
		path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
	if (out->raw < 0)
		return cannot("write", path);
	if (write(out->raw, row_header(), strlen(row_header())) !=
	    (ssize_t)strlen(row_header()))
		return cannot("write", path);
	return 0;
}

static json_t *topology(void)
{
	hwloc_topology_t t;
	json_t *o = json_object();

	if (hwloc_topology_init(&t))
		return o;
	if (hwloc_topology_load(t) == 0) {
		json_object_set_new(o, "packages",
				    json_integer(hwloc_get_nbobjs_by_type(
					    t, HWLOC_OBJ_PACKAGE)));
		json_object_set_new(o, "cores",
				    json_integer(hwloc_get_nbobjs_by_type(
					    t, HWLOC_OBJ_CORE)));
		json_object_set_new(o, "cpus",
				    json_integer(hwloc_get_nbobjs_by_type(
					    t, HWLOC_OBJ_PU)));
		json_object_set_new(o, "numa_nodes",
				    json_integer(hwloc_get_nbobjs_by_type(
					    t, HWLOC_OBJ_NUMANODE)));
	}
	hwloc_topology_destroy(t);
	return o;
}

static json_t *machine(void)
{
	char text[160];
	double load[3] = { 0 };
	struct utsname u;
	json_t *o = json_object();

	machine_name(text, sizeof(text));
	json_object_set_new(o, "name", json_string(text));
	cpuinfo("model name", text, sizeof(text));
	json_object_set_new(o, "cpu", json_string(text));
	uname(&u);
	json_object_set_new(o, "architecture", json_string(u.machine));
	json_object_set_new(o, "kernel", json_string(u.release));
	json_object_set_new(o, "libc", json_string(gnu_get_libc_version()));
	json_object_set_new(o, "topology", topology());
	(void)!getloadavg(load, 3);
	json_object_set_new(o, "load_1min", json_real(load[0]));
	return o;
}

/* Our own campaigns by their place in the tree, wherever that lies. */
static const char *below_root(const char *file)
{
	size_t n = strlen(SYNCLAB_ROOT);

	return strncmp(file, SYNCLAB_ROOT "/", n + 1) == 0 ? file + n + 1
							   : file;
}

bool results_write_environment(const struct results *r,
			       const struct campaign *c, uint64_t seed,
			       const char *profile, int argc, char **argv)
{
	char path[700];
	json_t *o = json_object(), *arguments = json_array();
	bool good;

	for (int i = 0; i < argc; i++)
		json_array_append_new(arguments, json_string(argv[i]));
	json_object_set_new(o, "schema", json_integer(SCHEMA));
	json_object_set_new(o, "git", json_string(SYNCLAB_GIT));
	json_object_set_new(o, "compiler", json_string(__VERSION__));
	json_object_set_new(o, "profile", json_string(profile));
	json_object_set_new(o, "campaign", json_string(below_root(c->file)));
	json_object_set_new(o, "arguments", arguments);
	json_object_set_new(o, "seed", json_integer((json_int_t)seed));
	json_object_set_new(o, "window_ms", json_integer((int)c->window_ms));
	json_object_set_new(o, "ramp_ms", json_integer((int)c->ramp_ms));
	json_object_set_new(o, "repetitions", json_integer(c->repetitions));
	json_object_set_new(o, "cells", json_integer((json_int_t)c->n));
	json_object_set_new(o, "clock_cost_ns",
			    json_integer((json_int_t)clock_cost_ns));
	json_object_set_new(o, "work_step_ns", json_real(work_step_ns));
	json_object_set_new(o, "machine", machine());
	snprintf(path, sizeof(path), "%s/env.json", r->folder);
	good = json_dump_file(o, path, JSON_INDENT(2)) == 0;
	json_decref(o);
	return good;
}
