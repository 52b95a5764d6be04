/* SPDX-License-Identifier: MIT */
/*
 * Lists of laws with reasons.
 */
#include "../harness/check/reasons.h"
#include "units.h"

START_TEST(a_law_is_no_part_of_another)
{
	char list[100] = "";

	reasons_add(list, sizeof(list), "call_excludes", "does not delegate");
	ck_assert(reasons_have(list, "call_excludes"));
	ck_assert(!reasons_have(list, "excludes"));
	ck_assert(!reasons_have(list, "call"));
	reasons_add(list, sizeof(list), "excludes", "it has: colons");
	reasons_add(list, sizeof(list), "excludes", "another");
	ck_assert_str_eq(list, "call_excludes: does not delegate; "
			       "excludes: it has: colons");
}
END_TEST

START_TEST(each_reason_in_turn)
{
	const char *list = "a: b; c: d", *reason;
	int length;

	reason = reasons_next(&list, &length);
	ck_assert_int_eq(length, 4);
	ck_assert_int_eq(strncmp(reason, "a: b", 4), 0);
	reason = reasons_next(&list, &length);
	ck_assert_int_eq(length, 4);
	ck_assert_int_eq(strncmp(reason, "c: d", 4), 0);
	ck_assert_ptr_null(reasons_next(&list, &length));
}
END_TEST

START_TEST(what_does_not_fit_is_cut)
{
	char list[8] = "";

	reasons_add(list, sizeof(list), "long", "reason");
	ck_assert_str_eq(list, "long: r");
	reasons_add(list, sizeof(list), "more", "reason");
	ck_assert_str_eq(list, "long: r");
}
END_TEST

START_TEST(a_reason_is_one_entry)
{
	char list[100] = "";

	reasons_add(list, sizeof(list), "a", "stuck; both");
	reasons_add(list, sizeof(list), "b", "c");
	ck_assert_str_eq(list, "a: stuck, both; b: c");
}
END_TEST

START_TEST(lists_are_joined_by_law)
{
	char list[100] = "a: b";

	reasons_merge(list, sizeof(list), "c: d: e; a: other; f: b");
	ck_assert_str_eq(list, "a: b; c: d: e; f: b");
	reasons_merge(list, sizeof(list), "");
	ck_assert_str_eq(list, "a: b; c: d: e; f: b");
}
END_TEST

START_TEST(laws_are_grouped_by_reason)
{
	char grouped[100];

	reasons_group("a: b; c: d: e; f: b; g: bb", grouped, sizeof(grouped));
	ck_assert_str_eq(grouped, "a, f: b; c: d: e; g: bb");
	reasons_group("", grouped, sizeof(grouped));
	ck_assert_str_eq(grouped, "");
}
END_TEST

UNITS(reasons, a_law_is_no_part_of_another, each_reason_in_turn,
      what_does_not_fit_is_cut, a_reason_is_one_entry, lists_are_joined_by_law,
      laws_are_grouped_by_reason)
