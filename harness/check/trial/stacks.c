/* SPDX-License-Identifier: MIT */
#include "stacks.h"

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "../../kit/inlined.h"

struct stacks {
	Dwfl *dwfl;
	bool attached;
};

/* Only what lies in the program itself: no search of disks or networks. */
static int no_debuginfo(Dwfl_Module *module, void **data, const char *name,
			Dwarf_Addr base, const char *file, const char *link,
			GElf_Word crc, char **found)
{
	(void)module, (void)data, (void)name, (void)base, (void)file;
	(void)link, (void)crc, (void)found;
	return -1;
}

static bool stop(pid_t tid)
{
	int status;

	return ptrace(PTRACE_SEIZE, tid, NULL, NULL) == 0 &&
	       ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == 0 &&
	       waitpid(tid, &status, __WALL) == tid && WIFSTOPPED(status);
}

struct stacks *stacks_open(pid_t pid, const pid_t *tids, int n)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_linux_proc_find_elf,
		.find_debuginfo = no_debuginfo,
	};
	static struct stacks s;
	int stopped = 0;

	/* all of them, before the first one's tale is told */
	for (int i = 0; i < n; i++)
		stopped += stop(tids[i]);
	s.dwfl = stopped ? dwfl_begin(&callbacks) : NULL;
	s.attached = s.dwfl && dwfl_linux_proc_report(s.dwfl, pid) == 0 &&
		     dwfl_report_end(s.dwfl, NULL, NULL) == 0 &&
		     dwfl_linux_proc_attach(s.dwfl, pid, true) == 0;
	return &s;
}

/* Within the project: from its root. Answers until the next call. */
static const char *shorter(const char *file)
{
	static char whole[PATH_MAX];
	size_t root = strlen(SYNCLAB_ROOT);

	if (!realpath(file, whole))
		return file;
	if (strncmp(whole, SYNCLAB_ROOT "/", root + 1) == 0)
		return whole + root + 1;
	return whole;
}

struct walk {
	FILE *out;
	bool done;
};

static bool one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* One function on the stack, inlined or not. */
static void print_frame(struct walk *w, const char *name, const char *file,
			int line)
{
	static const char *const beginnings[] = { "crew_main", "trial_run",
						  "main", NULL };
	static const char *const machinery[] = { "harness/check/trial/trial.c",
						 "harness/check/law/list.c",
						 NULL };
	static const char *const wrappings[] = { "syscall", "__wrap_syscall",
						 NULL };

	file = shorter(file);
	if (one_of(name, beginnings) || one_of(file, machinery))
		w->done = true;
	if (w->done || one_of(name, wrappings))
		return;
	fprintf(w->out, "    %-28s %s", name, file);
	fprintf(w->out, line > 0 ? ":%d\n" : "\n", line);
}

static bool print_function(void *walk, Dwarf_Die *function, const char *file,
			   int line)
{
	const char *name = dwarf_diename(function);

	print_frame(walk, name ? name : "?", file, line);
	return false;
}

static void print_pc(struct walk *w, Dwfl *dwfl, Dwarf_Addr pc)
{
	Dwfl_Module *module = dwfl_addrmodule(dwfl, pc);
	Dwarf_Addr bias = 0;
	Dwarf_Die *cu = module ? dwfl_module_addrdie(module, pc, &bias) : NULL;
	Dwfl_Line *at = module ? dwfl_module_getsrc(module, pc) : NULL;
	const char *name = module ? dwfl_module_addrname(module, pc) : NULL;
	const char *file = NULL;
	int line = 0;

	if (at)
		file = dwfl_lineinfo(at, NULL, &line, NULL, NULL, NULL);
	if (cu && file &&
	    inlined_walk(cu, pc - bias, file, line, print_function, w))
		return;
	if (!name) /* inside a library without symbols */
		return;
	if (!file)
		file = dwfl_module_info(module, NULL, NULL, NULL, NULL, NULL,
					NULL, NULL);
	print_frame(w, name, file ? file : "?", line);
}

static int print_one(Dwfl_Frame *frame, void *argument)
{
	Dwfl *dwfl = dwfl_thread_dwfl(dwfl_frame_thread(frame));
	struct walk *w = argument;
	bool activation;
	Dwarf_Addr pc;

	if (!dwfl_frame_pc(frame, &pc, &activation))
		return DWARF_CB_ABORT;
	/* a return address may belong to the next line already */
	print_pc(w, dwfl, activation ? pc : pc - 1);
	return w->done ? DWARF_CB_ABORT : DWARF_CB_OK;
}

void stacks_print(struct stacks *s, pid_t tid, FILE *out)
{
	struct walk w = { .out = out };

	if (s->attached)
		dwfl_getthread_frames(s->dwfl, tid, print_one, &w);
	else
		fputs("    no stack: not allowed to look (ptrace)\n", out);
}
