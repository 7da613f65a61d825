#include "lib/servers.h"

#include "base/clock.h"

#include <limits.h>
#include <string.h>

struct place {
	struct server *server;
	struct remote_options options; /* to clean up with */
	char prefix[64];
};

static void read_env(struct server *s)
{
	struct {
		const char *name;
		char *value;
		size_t size;
	} words[] = {
		{ "SERVER_URL=", s->url, sizeof(s->url) },
		{ "SERVER_TLS_URL=", s->tls_url, sizeof(s->tls_url) },
		{ "SERVER_CA=", s->ca, sizeof(s->ca) },
		{ "SERVER_USER=", s->user, sizeof(s->user) },
		{ "SERVER_SECRET=", s->secret, sizeof(s->secret) },
		{ "SERVER_BUCKET=", s->bucket, sizeof(s->bucket) },
	};
	char path[PATH_MAX + 8], line[PATH_MAX];
	AUTO_FCLOSE FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/env", s->dir);
	f = fopen(path, "r");
	cr_assert_not_null(f, "no server in %s: run this test with ctest",
			   s->dir);
	while (fgets(line, sizeof(line), f))
		for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
			size_t len = strlen(words[i].name);

			line[strcspn(line, "\n")] = '\0';
			if (!strncmp(line, words[i].name, len))
				snprintf(words[i].value, words[i].size, "%s",
					 line + len);
		}
	cr_assert(s->url[0] && s->bucket[0], "nothing in %s", path);
}

struct server *servers_find(const char *kind, const struct backend_ops *ops)
{
	struct server *s = calloc(1, sizeof(*s));
	const char *dir = getenv("DLIOFS_SERVERS");

	cr_assert_not_null(dir, "no DLIOFS_SERVERS: run this test with ctest");
	s->ops = ops;
	snprintf(s->dir, sizeof(s->dir), "%s/%s", dir, kind);
	read_env(s);
	/* This machine's proxy cannot reach it. */
	setenv("no_proxy", "*", 1);
	return s;
}

struct remote_options servers_options(const struct server *server, bool tls)
{
	static char *nothing[] = { NULL };

	/* Whatever a busy machine's server takes. */
	return (struct remote_options){
		.endpoint = tls ? server->tls_url : server->url,
		.ca_file = server->ca,
		.region = "us-east-1",
		.key_id = server->user,
		.secret = server->secret,
		.account_key = server->secret,
		.environment = nothing,
		.connect_ms = 60000,
		.first_byte_ms = 60000,
		.stall_ms = 60000,
	};
}

int servers_try(void *state, const struct remote_options *options,
		struct backend **out)
{
	const struct place *p = state;
	const struct server *s = p->server;
	const struct backend_options o = { .mem_fd = -1, .remote = options };
	char uri[256];

	/* az:// names the account, too. */
	if (!strcmp(s->ops->scheme, "az"))
		snprintf(uri, sizeof(uri), "az://%s/%s/%s", s->user, s->bucket,
			 p->prefix);
	else
		snprintf(uri, sizeof(uri), "%s://%s/%s", s->ops->scheme,
			 s->bucket, p->prefix);
	return backend_open(s->ops, uri, &o, out);
}

struct backend *servers_again(void *state, const struct remote_options *options)
{
	struct backend *b;

	cr_assert_eq(servers_try(state, options, &b), 0);
	return b;
}

struct backend *servers_store(struct server *server, bool tls, void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	p->server = server;
	p->options = servers_options(server, tls);
	snprintf(p->prefix, sizeof(p->prefix), "test-%d-%lu", (int)getpid(),
		 (unsigned long)clock_ns());
	*state = p;
	return servers_again(p, &p->options);
}

/* ---- Afterwards --------------------------------------------------------- */

struct names {
	char **name;
	size_t n;
};

static int keep_name(void *arg, const char *name,
		     const struct object_info *info)
{
	struct names *names = arg;

	(void)info;
	names->name =
		realloc(names->name, (names->n + 1) * sizeof(*names->name));
	names->name[names->n++] = strdup(name);
	return 0;
}

void servers_drop(void *state)
{
	struct place *p = state;
	struct backend *b = servers_again(p, &p->options);
	struct names names = { 0 };

	cr_assert_eq(backend_list(b, "", BACKEND_DEEP, keep_name, &names), 0);
	for (size_t i = 0; i < names.n; i++) {
		cr_expect_eq(backend_remove(b, names.name[i]), 0, "%s",
			     names.name[i]);
		free(names.name[i]);
	}
	free(names.name);
	backend_close(b);
	free(p->server);
	free(p);
}

char *servers_ask(void *state, const char *word)
{
	const struct place *p = state;
	char command[PATH_MAX * 2], line[4096];
	char *said;
	size_t size;
	FILE *to = open_memstream(&said, &size);
	FILE *from;

	snprintf(command, sizeof(command),
		 "%s/tests/servers/client.py '%s/env'"
		 " %s '%s/'",
		 getenv("DLIOFS_SRC"), p->server->dir, word, p->prefix);
	from = popen(command, "r");
	while (fgets(line, sizeof(line), from))
		fputs(line, to);
	cr_assert_eq(pclose(from), 0, "failed: %s", command);
	fclose(to);
	return said;
}
