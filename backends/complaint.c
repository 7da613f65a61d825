#include "backends/complaint.h"

bool complaint_due(struct complaint *c, int kind, uint64_t now_ns,
		   unsigned *unsaid)
{
	size_t at = 0;

	for (size_t i = 0; i < COMPLAINT_KINDS && c->said[at].kind != kind; i++)
		if (c->said[i].kind == kind ||
		    c->said[i].at_ns < c->said[at].at_ns)
			at = i;
	*unsaid = 0;
	if (c->said[at].kind == kind) {
		if (now_ns < c->said[at].at_ns + COMPLAINT_QUIET_NS) {
			c->said[at].unsaid++;
			return false;
		}
		*unsaid = c->said[at].unsaid;
	}
	c->said[at].kind = kind;
	c->said[at].at_ns = now_ns;
	c->said[at].unsaid = 0;
	return true;
}
