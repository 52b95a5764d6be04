/* SPDX-License-Identifier: MIT */
#include "outcome.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../command.h"
#include "../kit/temp.h"
#include "report.h"
#include "tally.h"

static int fail(const char *option, const char *path, const char *why)
{
	return lab_fail("--%s=%s: %s: name another place", option, path, why);
}

/* A file of the user's: begun anew. */
static int open_named(struct outcome *o, const char *name)
{
	struct stat s;
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		return fail("counts", name, strerror(errno));
	o->lines = fdopen(fd, "r");
	if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode) || ftruncate(fd, 0) != 0)
		return fail("counts", name, "not a file");
	/* the program may go to another folder */
	if (!realpath(name, o->counts_path))
		return fail("counts", name, strerror(errno));
	return 0;
}

/* The program may become another user's, hence the mode. */
static int open_temporary(struct outcome *o)
{
	int fd;

	snprintf(o->counts_path, sizeof(o->counts_path),
		 "%.4000s/synclab-counts.XXXXXX", temp_dir());
	fd = mkostemp(o->counts_path, O_CLOEXEC);
	if (fd < 0)
		return lab_fail("%s: %s: set TMPDIR to a folder that can be "
				"written",
				temp_dir(), strerror(errno));
	o->temporary = true;
	o->lines = fdopen(fd, "r");
	return fchmod(fd, 0622) == 0 ? 0 : lab_fail("%s", strerror(errno));
}

static int prepare_counts(struct outcome *o, const char *name)
{
	int error = name ? open_named(o, name) : open_temporary(o);

	o->counts = o->counts_path;
	return error;
}

/* What an earlier run has left would be taken for this one's. */
static bool has_raw(const char *folder)
{
	char pattern[PATH_MAX + 10];
	glob_t found = { 0 };
	bool any;

	snprintf(pattern, sizeof(pattern), "%s/raw.*", folder);
	any = glob(pattern, 0, NULL, &found) == 0;
	globfree(&found);
	return any;
}

static int prepare_profile(struct outcome *o, const char *name)
{
	char own[60];

	snprintf(own, sizeof(own), "synclab-profile.%d", (int)getpid());
	if (!name)
		name = own;
	if (mkdir(name, 0777) != 0 && errno != EEXIST)
		return fail("profile", name, strerror(errno));
	if (!realpath(name, o->folder))
		return fail("profile", name, strerror(errno));
	snprintf(o->raw_path, sizeof(o->raw_path), "%s/.", o->folder);
	if (access(o->raw_path, W_OK | X_OK) != 0)
		return fail("profile", name, strerror(errno));
	if (has_raw(o->folder))
		return fail("profile", name, "an earlier profile is there");
	snprintf(o->raw_path, sizeof(o->raw_path), "%s/raw", o->folder);
	o->raw = o->raw_path;
	return 0;
}

int outcome_prepare(struct outcome *o, const struct request *q)
{
	int error = 0;

	memset(o, 0, sizeof(*o));
	if (q->count)
		error = prepare_counts(o, q->counts);
	if (!error && q->profile)
		error = prepare_profile(o, q->folder);
	return error;
}

void outcome_tell(struct outcome *o)
{
	if (o->lines)
		tally_print(stderr, o->lines);
	if (o->raw)
		run_report(o->folder);
}

void outcome_clear(struct outcome *o)
{
	if (o->lines)
		fclose(o->lines);
	if (o->temporary)
		unlink(o->counts_path);
}
