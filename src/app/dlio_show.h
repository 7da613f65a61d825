/* What dlio_benchmark shows instead of running: --help, --cfg, --info. */
#ifndef APP_DLIO_SHOW_H
#define APP_DLIO_SHOW_H

#include "app/dlio_flags.h"

int dlio_show_help(const struct compose *c) MUST_USE;

/* --cfg: the composed document as YAML. */
int dlio_show_cfg(const struct compose *c, const struct dlio_flags *f) MUST_USE;

/* --info */
int dlio_show_info(const struct compose *c,
		   const struct dlio_flags *f) MUST_USE;

#endif
