/* SPDX-License-Identifier: MIT */
#include "model.h"

#include <string.h>

extern const struct model *const __start_synclab_model[];
extern const struct model *const __stop_synclab_model[];

const struct model *model_of(const char *kind)
{
	size_t n = (size_t)(__stop_synclab_model - __start_synclab_model);

	for (size_t i = 0; i < n; i++)
		if (strcmp(__start_synclab_model[i]->kind, kind) == 0)
			return __start_synclab_model[i];
	return NULL;
}
