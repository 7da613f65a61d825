/* The program's second name: dlio_benchmark, with DLIO's own command line
 * (Hydra's), output and exit statuses; and dlio_benchmark_query, which prints
 * the setting that workflow.query names.
 *
 * Its trainer reads the store natively, as DLIO does: there is no mount. */
#ifndef APP_DLIO_H
#define APP_DLIO_H

#include "base/util.h"

/* Is it by one of these names that the program was called (argv[0])? */
bool dlio_is_called(const char *name);

/* The exit status: 0; 1, whatever failed; 2 for an unknown flag; 255 if more
 * steps are wanted than there is data for. */
int dlio_main(int argc, char **argv);

#endif
