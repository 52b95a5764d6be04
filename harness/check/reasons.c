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

/* An entry at the end, as one: what is between entries is not in it. */
static void append(char *list, size_t size, const char *law, int law_length,
		   const char *reason, int reason_length)
{
	size_t used = strlen(list);
	char *inside = list + used + (used ? strlen(between) : 0);

	if (used >= size - 1)
		return;
	snprintf(list + used, size - used, "%s%.*s: %.*s", used ? between : "",
		 law_length, law, reason_length, reason);
	if (used + strlen(between) >= size)
		return;
	while ((inside = strstr(inside, between)))
		*inside = ',';
}

void reasons_add(char *list, size_t size, const char *law, const char *reason)
{
	if (!reasons_have(list, law))
		append(list, size, law, (int)strlen(law), reason,
		       (int)strlen(reason));
}

/* Of "law: reason" the reason; *length becomes its length. */
static const char *reason_of(const char *entry, int *length)
{
	const char *colon = strstr(entry, ": ");

	if (!colon || colon > entry + *length)
		return entry + *length;
	*length -= (int)(colon + 2 - entry);
	return colon + 2;
}

void reasons_merge(char *list, size_t size, const char *other)
{
	const char *entry;
	int length;

	while ((entry = reasons_next(&other, &length))) {
		int why_length = length;
		const char *why = reason_of(entry, &why_length);
		char law[80];

		snprintf(law, sizeof(law), "%.*s", (int)strcspn(entry, ":"),
			 entry);
		if (!reasons_have(list, law))
			append(list, size, law, (int)strlen(law), why,
			       why_length);
	}
}

/* Does an entry before this one have its reason? */
static bool told(const char *list, const char *entry, const char *why,
		 int why_length)
{
	const char *earlier;
	int length;

	while ((earlier = reasons_next(&list, &length)) && earlier < entry) {
		const char *reason = reason_of(earlier, &length);

		if (length == why_length &&
		    strncmp(reason, why, (size_t)length) == 0)
			return true;
	}
	return false;
}

/* All laws with this reason: "one, another". */
static void laws_with(const char *list, const char *why, int why_length,
		      char *laws, size_t size)
{
	const char *entry;
	size_t used = 0;
	int length;

	laws[0] = '\0';
	while ((entry = reasons_next(&list, &length)) && used < size) {
		const char *reason = reason_of(entry, &length);

		if (length == why_length &&
		    strncmp(reason, why, (size_t)length) == 0)
			used += (size_t)snprintf(laws + used, size - used,
						 "%s%.*s", used ? ", " : "",
						 (int)(reason - entry) - 2,
						 entry);
	}
}

void reasons_group(const char *list, char *grouped, size_t size)
{
	const char *rest = list, *entry;
	int length;

	grouped[0] = '\0';
	while ((entry = reasons_next(&rest, &length))) {
		const char *why = reason_of(entry, &length);
		char laws[4096];

		if (told(list, entry, why, length))
			continue;
		laws_with(list, why, length, laws, sizeof(laws));
		append(grouped, size, laws, (int)strlen(laws), why, length);
	}
}
