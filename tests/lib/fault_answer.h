/* How the scripted server sends an answer, with its fault. */
#ifndef TESTS_LIB_FAULT_ANSWER_H
#define TESTS_LIB_FAULT_ANSWER_H

#include "lib/fault_server.h"
#include "lib/fault_wire.h"

/* 0: the connection goes on; negative: it has been ended.  The status and the
 * length are there. */
int fault_answer_send(const struct fault_answer *a,
		      const struct fault_request *q,
		      struct fault_wire *w) MUST_USE;

#endif
