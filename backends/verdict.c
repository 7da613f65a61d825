#include "backends/verdict.h"

#include <errno.h>
#include <string.h>

bool verdict_is_success(int status)
{
	return status >= 200 && status < 300;
}

/* What may pass when no status came, or not all of a body. */
static enum rest_advice advice_for(int error)
{
	static const int passing[] = { -ETIMEDOUT,    -ECONNREFUSED,
				       -EHOSTUNREACH, -ECONNRESET,
				       -EPROTO,	      -EMSGSIZE,
				       -EBADMSG };

	for (size_t i = 0; i < ARRAY_SIZE(passing); i++)
		if (passing[i] == error)
			return REST_AGAIN;
	return REST_FINAL;
}

static void judge_refusal(struct verdict *v, const struct rest_dialect *d,
			  struct rest_call *call, const struct http_exchange *x)
{
	const struct rest_error *e = d->errors;

	d->explain(x, call->code, v->message);
	while ((e->status && e->status != x->status) ||
	       (e->code && strcmp(e->code, call->code)))
		e++;
	v->rc = e->error;
	v->advice = e->advice;
}

/* A 2xx, whole: is it what was asked for? */
static void judge_success(struct verdict *v, const struct rest_dialect *d,
			  struct rest_call *call, const struct http_exchange *x)
{
	struct rest_error e = { .advice = REST_AGAIN };

	if (d->doubt) {
		v->rc = d->doubt(call, x, &e);
		if (v->rc && e.code)
			snprintf(call->code, sizeof(call->code), "%s", e.code);
	}
	v->advice = e.advice;
}

void verdict_judge(struct verdict *v, const struct rest_dialect *d,
		   struct rest_call *call, const struct http_exchange *x)
{
	call->code[0] = v->message[0] = '\0';
	if (v->rc == -ECANCELED)
		v->advice = REST_FINAL;
	else if (x->status && !verdict_is_success(x->status))
		judge_refusal(v, d, call, x);
	else if (v->rc == 0)
		judge_success(v, d, call, x);
	else
		v->advice = advice_for(v->rc);
}
