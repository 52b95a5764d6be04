/* SPDX-License-Identifier: MIT */
#include "reasons.h"

#include <stdio.h>
#include <string.h>

static const char between[] = "; ";

const char *reasons_next(const char **list, int *length)
{
	const char *first = *list, *end = strstr(first, between);

	if (!*first)
		return NULL;
	*length = (int)(end ? end - first : (long)strlen(first));
	*list = end ? end + strlen(between) : first + *length;
	return first;
}

bool reasons_have(const char *list, const char *law)
{
	size_t n = strlen(law);
	const char *reason;
	int length;

	while ((reason = reasons_next(&list, &length)))
		if (strncmp(reason, law, n) == 0 && reason[n] == ':')
			return true;
	return false;
}

void reasons_add(char *list, size_t size, const char *law, const char *reason)
{
	size_t used = strlen(list);

	if (!reasons_have(list, law))
		snprintf(list + used, size - used, "%s%s: %s",
			 used ? between : "", law, reason);
}
