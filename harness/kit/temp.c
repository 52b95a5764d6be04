/* SPDX-License-Identifier: MIT */
#include "temp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

const char *temp_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/var/tmp";
}

int temp_file(void)
{
	char path[4096];
	int fd = open(temp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	/* The file system knows only files with names; one that is killed
	 * within the next lines leaves its file behind. */
	snprintf(path, sizeof(path), "%s/synclab.XXXXXX", temp_dir());
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

const char *temp_not_durable(void)
{
	static char why[200];
	struct statfs fs;

	/* a directory that is not there is temp_file's to report */
	if (statfs(temp_dir(), &fs) != 0 ||
	    (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC))
		return NULL;
	snprintf(why, sizeof(why),
		 "%.80s is in memory, where fdatasync does nothing: set "
		 "TMPDIR to a directory on a disk",
		 temp_dir());
	return why;
}
