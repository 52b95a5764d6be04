/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <ctype.h>
#include <gnu/libc-version.h>
#include <hwloc.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

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
void host_name(char *out, size_t size)
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

json_t *host_describe(void)
{
	char text[160];
	double load[3] = { 0 };
	struct utsname u;
	json_t *o = json_object();

	host_name(text, sizeof(text));
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

void host_digest(const void *data, size_t size, char out[65])
{
	unsigned char digest[32];

	if (!EVP_Digest(data, size, digest, NULL, EVP_sha256(), NULL))
		abort();
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

void host_digest_file(const char *path, char out[65])
{
	FILE *f = fopen(path, "r");
	char *data = NULL;
	long size = 0;

	snprintf(out, 65, "unknown");
	if (f && fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) > 0)
		data = malloc((size_t)size);
	if (data) {
		rewind(f);
		if (fread(data, 1, (size_t)size, f) == (size_t)size)
			host_digest(data, (size_t)size, out);
	}
	free(data);
	if (f)
		fclose(f);
}

json_t *host_key(void)
{
	json_t *key = json_object();
	char text[160];
	struct utsname u;

	/* the objects, as the linker put them together */
	host_digest_file("/proc/self/exe", text);
	json_object_set_new(key, "objects", json_string(text));
	json_object_set_new(key, "compiler", json_string(__VERSION__));
	uname(&u);
	json_object_set_new(key, "kernel", json_string(u.release));
	cpuinfo("model name", text, sizeof(text));
	json_object_set_new(key, "cpu", json_string(text));
	return key;
}
