#include "backends/azure_token.h"

#include "backends/answer.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* ---- What they answer --------------------------------------------------- */

/* "2026-11-22 23:09:34.000000", in the time of this place: what the CLI said
 * before it said expires_on. */
static int read_local_time(const char *text, int64_t *out)
{
	struct tm tm = { .tm_isdst = -1 };
	const char *end;
	time_t t;

	end = text ? strptime(text, "%Y-%m-%d %H:%M:%S", &tm) : NULL;
	if (!end || (*end && *end != '.'))
		return -EBADMSG;
	t = mktime(&tm);
	*out = t;
	return t == -1 ? -EBADMSG : 0;
}

/* What is left tells more than a point in time of another's clock. */
static int read_expiry(const struct answer *a, int64_t now, int64_t *out)
{
	int64_t left;

	if (answer_number(a, "expires_in", &left) == 0)
		return __builtin_add_overflow(now, left, out) ? -EBADMSG : 0;
	if (answer_number(a, "expires_on", out) == 0)
		return 0;
	return read_local_time(answer_text(a, "expiresOn"), out);
}

static int read_answer(const struct answer *a, int64_t now,
		       struct azure_found *out)
{
	const char *token = answer_text(a, "access_token");
	int64_t expires;

	if (!token)
		token = answer_text(a, "accessToken");
	if (read_expiry(a, now, &expires) < 0)
		return -EBADMSG;
	return azure_found_token(out, token, expires);
}

int azure_token_read(const char *text, size_t len, int64_t now,
		     struct azure_found *out)
{
	struct answer *a;
	int rc;

	rc = answer_new(text, len, &a);
	if (rc)
		return rc;
	rc = read_answer(a, now, out);
	answer_free(a);
	return rc;
}

/* ---- Asking ------------------------------------------------------------- */

/* Microsoft's number for what went wrong ("AADSTS7000215" is a wrong secret) is
 * all of a refusal that can be repeated: in the rest there may be secrets. */
static int refuse(const struct ask_question *q, const struct ask_answer *a)
{
	const char *at = strstr(a->text, "AADSTS");
	size_t digits = at ? strspn(at + 6, "0123456789") : 0;
	char place[ASK_PLACE_SIZE];

	if (digits == 0 || digits > 8)
		return ask_fail(q, 0, a);
	return log_fail(-EACCES, "%s at %s: status %d, AADSTS%.*s", q->who,
			ask_place(q->url, place), a->status, (int)digits,
			at + 6);
}

int azure_token_take(const struct azure_setup *s, const struct ask_question *q,
		     const struct ask_answer *a, struct azure_found *out)
{
	int rc;

	if (a->status / 100 != 2)
		return refuse(q, a);
	rc = azure_token_read(a->text, a->len, azure_setup_now(s), out);
	return rc == -EBADMSG ? ask_fail(q, 0, a) : rc;
}

int azure_token_ask(const struct azure_setup *s, const struct ask_question *q,
		    struct azure_found *out)
{
	struct ask_answer a;
	int rc;

	rc = ask_server(s->options.http, s->options.stop, q, &a);
	if (rc)
		return ask_fail(q, rc, &a);
	rc = azure_token_take(s, q, &a, out);
	ask_clear(&a);
	return rc;
}
