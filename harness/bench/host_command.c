/* SPDX-License-Identifier: MIT */
/*
 * `synclab host`: the machine, as an env.json has it, for scripts that keep
 * results of their own. Its name is that of the folder.
 */
#include <stdio.h>

#include "../command.h"
#include "host.h"

int command_host(int argc, char **argv)
{
	json_t *o = json_object();
	char name[160];

	(void)argv;
	if (argc > 1)
		return lab_fail("host: takes no argument");
	host_name(name, sizeof(name));
	json_object_set_new(o, "folder", json_string(name));
	json_object_set_new(o, "machine", host_describe());
	json_object_set_new(o, "key", host_key());
	json_dumpf(o, stdout, JSON_INDENT(1));
	puts("");
	json_decref(o);
	return 0;
}
