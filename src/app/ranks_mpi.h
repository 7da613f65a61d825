/* MPI, seen from nowhere else.  Errors of its own end the run: MPI says so and
 * kills all ranks.  For ranks.c; on the main thread. */
#ifndef APP_RANKS_MPI_H
#define APP_RANKS_MPI_H

#include "app/ranks_wire.h"

int ranks_mpi_open(struct ranks_wire **out) MUST_USE;

#endif
