/* Keys from the agent of a container: Amazon ECS's, at an address of its own, or
 * one that a variable names, as EKS Pod Identity's.
 *
 * Sources: AWS SDKs and Tools Reference Guide, "Container credential provider";
 * Amazon ECS Developer Guide, "Task IAM role". */
#include "backends/aws_source.h"

#include "backends/ask.h"
#include "backends/secret.h"
#include "backends/strbuf.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define ECS "http://169.254.170.2"
#define TIMEOUT_MS 2000
#define TOKEN_MAX 65536

/* ---- Where -------------------------------------------------------------- */

/* Without TLS a token may be sent only to where no stranger can listen: this
 * machine, and the agents' own addresses. */
static bool is_near(const char *host)
{
	static const char *const agents[] = { "169.254.170.2", "169.254.170.23",
					      "fd00:ec2::23", "::1" };
	struct in_addr v4;
	struct in6_addr v6, agent;

	if (!strcmp(host, "localhost"))
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(agents); i++) {
		if (!strcmp(host, agents[i]))
			return true;
		if (inet_pton(AF_INET6, host, &v6) == 1 &&
		    inet_pton(AF_INET6, agents[i], &agent) == 1 &&
		    !memcmp(&v6, &agent, sizeof(v6)))
			return true;
	}
	return false;
}

/* The host of what follows "http://"; brackets are taken off. */
static bool take_host(const char *authority, char host[64])
{
	bool v6 = *authority == '[';
	const char *begin = authority + v6;
	size_t len = strcspn(begin, v6 ? "]" : ":/?#");
	const char *rest = begin + len + v6;

	if (memchr(authority, '@', strcspn(authority, "/?#")) || len >= 64 ||
	    (v6 && begin[len] != ']') || (*rest && !strchr(":/?#", *rest)))
		return false;
	snprintf(host, 64, "%.*s", (int)len, begin);
	return true;
}

static bool is_allowed(const char *url)
{
	char host[64];

	if (!strncmp(url, "https://", 8))
		return true;
	return !strncmp(url, "http://", 7) && take_host(url + 7, host) &&
	       is_near(host);
}

int aws_source_container_url(const char *relative, const char *full, char **out)
{
	if (relative && *relative != '/')
		return log_invalid("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI "
				   "must begin with '/'");
	if (relative)
		return asprintf(out, ECS "%s", relative) < 0 ? -ENOMEM : 0;
	if (!is_allowed(full))
		return log_invalid("AWS_CONTAINER_CREDENTIALS_FULL_URI must "
				   "be https, or a server of this machine");
	*out = strdup(full);
	return *out ? 0 : -ENOMEM;
}

/* ---- Asking ------------------------------------------------------------- */

/* "Authorization: …", or NULL: none is wanted. */
static int find_token(const struct aws_setup *s, char **out)
{
	const char *path =
		aws_setup_variable(s, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *token =
		aws_setup_variable(s, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
	AUTO_WIPE char *text = NULL;
	AUTO_STRBUF struct strbuf b = { 0 };
	int rc;

	if (path) {
		rc = secret_read(path, TOKEN_MAX, &text);
		if (rc)
			return log_fail(rc, "read %s", path);
		text[strcspn(text, "\r\n")] = '\0';
		token = text;
	}
	if (!token)
		return 0;
	if (strpbrk(token, "\r\n"))
		return log_invalid("AWS_CONTAINER_AUTHORIZATION_TOKEN has more "
				   "than one line");
	strbuf_printf(&b, "Authorization: %s", token);
	return strbuf_take(&b, out);
}

static int ask(const struct aws_setup *s, const char *url, const char *token,
	       struct aws_found *out)
{
	const char *const headers[] = { "Accept: application/json", token,
					NULL };
	const struct ask_question q = {
		.who = "the container's agent",
		.url = url,
		.headers = headers,
		.direct = true,
		.timeout_ms = s->options.answer_ms ? s->options.answer_ms :
						     TIMEOUT_MS,
	};

	return aws_source_ask(s, &q, out);
}

static int find(const struct aws_setup *s, struct aws_found *out)
{
	const char *relative =
		aws_setup_variable(s, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full =
		aws_setup_variable(s, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
	AUTO_FREE char *url = NULL;
	AUTO_WIPE char *token = NULL;
	int rc;

	if (!relative && !full)
		return 0;
	rc = aws_source_container_url(relative, full, &url);
	if (rc == 0)
		rc = find_token(s, &token);
	return rc ? rc : ask(s, url, token, out);
}

const struct aws_source aws_source_container = {
	.name = "container",
	.find = find,
};
