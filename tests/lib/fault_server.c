#include "lib/fault_server.h"

#include "base/clock.h"
#include "base/log.h"
#include "lib/fault_answer.h"
#include "lib/fault_stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

enum state { ALIVE, HANGING, DEAD, LEAVING };

struct connection {
	struct fault_server *server;
	struct connection *next;
	unsigned number;
	int fd;
	void *mine; /* the handler's */
};

/* A request and what its texts are in. */
struct record {
	struct fault_request q;
	char *head, *body;
};

struct fault_server {
	struct fault_server_options o;
	char url[64], ca[64];
	uint16_t port;
	SSL_CTX *ctx;

	int place;	    /* bound to the port, and never listening */
	int listener, wake; /* of the thread that accepts */
	pthread_t thread;

	pthread_mutex_t lock; /* all below */
	pthread_cond_t changed;
	enum state state;
	struct connection *live;
	unsigned *fitted; /* for each rule: requests with its words */
	struct record **records;
	size_t n_records;
	unsigned n_requests, n_connections;
};

/* ---- Requests ----------------------------------------------------------- */

static void record_free(struct record *r)
{
	if (!r)
		return;
	free(r->head);
	free(r->body);
	free(r);
}

/* -ENODATA: no more come.  -EPROTO: not one that we know. */
static int take_body(struct fault_stream *s, struct record *r)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const char *length = fault_request_header(&r->q, "Content-Length");

	if (fault_request_header(&r->q, "Transfer-Encoding"))
		return -EPROTO;
	if (fault_request_header(&r->q, "Expect") &&
	    fault_wire_write(s->wire, go_on, strlen(go_on)) < 0)
		return -ENODATA;
	r->q.len = length ? strtoul(length, NULL, 10) : 0;
	return fault_stream_body(s, r->q.len, &r->body);
}

static int take_request(struct fault_stream *s, struct record **out)
{
	struct record *r = calloc(1, sizeof(*r));
	char *line, *rest;
	int rc;

	*out = r;
	rc = fault_stream_head(s, &r->head);
	if (rc < 0)
		return rc;
	fault_stream_split(r->head, &line, (struct fault_header *)r->q.headers,
			   &r->q.n_headers);
	rest = line;
	r->q.method = strsep(&rest, " ");
	r->q.target = rest ? strsep(&rest, " ") : "";
	rc = take_body(s, r);
	r->q.body = r->body;
	r->q.at_ns = clock_ns();
	return rc;
}

static bool has_words(const char *method, const char *target,
		      const struct fault_request *q)
{
	return (!method || !strcmp(method, q->method)) &&
	       (!target || strstr(q->target, target));
}

/* Remember it, and find the rule that answers. */
static const struct fault_rule *enter(struct fault_server *s, struct record *r)
{
	const struct fault_rule *found = NULL;
	LOCKED(&s->lock);

	r->q.number = s->n_requests++;
	if (!s->o.forget) {
		s->records = realloc(s->records,
				     (s->n_records + 1) * sizeof(*s->records));
		s->records[s->n_records++] = r;
	}
	for (size_t i = 0; i < s->o.n_rules; i++) {
		const struct fault_rule *rule = &s->o.rules[i];
		unsigned first = MAX(rule->first, 1u);
		unsigned n;

		if (!has_words(rule->method, rule->target, &r->q))
			continue;
		n = ++s->fitted[i];
		if (!found && n >= first &&
		    (!rule->times || n - first < rule->times))
			found = rule;
	}
	return found;
}

/* False: the server is going. */
static bool wait_while_hanging(struct fault_server *s)
{
	LOCKED(&s->lock);

	while (s->state == HANGING)
		pthread_cond_wait(&s->changed, &s->lock);
	return s->state == ALIVE;
}

/* One request and its answer; 0: there may be another. */
static int serve_one(struct fault_server *s, struct connection *c,
		     struct fault_stream *stream)
{
	struct fault_answer a = { 0 };
	const struct fault_rule *rule;
	struct record *r;
	int rc = take_request(stream, &r);

	if (rc < 0) {
		record_free(r);
		return rc;
	}
	r->q.connection = c->number;
	r->q.mine = &c->mine;
	rule = enter(s, r);
	if (rule)
		a = rule->answer;
	else if (s->o.handler)
		s->o.handler(s->o.arg, &r->q, &a);
	else
		a.status = 501;
	if (!a.status)
		a.status = 200;
	if (a.body && !a.len)
		a.len = strlen(a.body);
	rc = wait_while_hanging(s) ?
		     fault_answer_send(&a, &r->q, stream->wire) :
		     -EPIPE;
	free(a.owned);
	free(a.owned_too);
	if (s->o.forget)
		record_free(r);
	return rc;
}

/* ---- Connections -------------------------------------------------------- */

/* The last to close it: die() may shut it down at any moment until now. */
static void leave(struct connection *c)
{
	struct fault_server *s = c->server;
	struct connection **p = &s->live;
	LOCKED(&s->lock);

	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	close(c->fd);
	free(c);
	pthread_cond_broadcast(&s->changed);
}

static void *serve(void *arg)
{
	struct connection *c = arg;
	struct fault_wire wire = { .fd = -1 };
	struct fault_stream *stream = calloc(1, sizeof(*stream));

	stream->wire = &wire;
	if (wait_while_hanging(c->server) &&
	    fault_wire_accept(&wire, dup(c->fd), c->server->ctx) == 0)
		while (serve_one(c->server, c, stream) == 0)
			;
	if (wire.fd >= 0)
		fault_wire_end(&wire, FAULT_WIRE_CLOSE);
	free(stream);
	if (c->mine)
		c->server->o.forget_mine(c->mine);
	leave(c);
	return NULL;
}

static void welcome(struct fault_server *s, int fd)
{
	struct connection *c = calloc(1, sizeof(*c));
	pthread_t thread;
	int on = 1;
	LOCKED(&s->lock);

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*c = (struct connection){ .server = s,
				  .next = s->live,
				  .number = s->n_connections++,
				  .fd = fd };
	s->live = c;
	if (pthread_create(&thread, NULL, serve, c) != 0)
		abort();
	pthread_detach(thread);
}

static void *listen_for_all(void *arg)
{
	struct fault_server *s = arg;
	struct pollfd p[2] = { { .fd = s->listener, .events = POLLIN },
			       { .fd = s->wake, .events = POLLIN } };

	for (;;) {
		int fd;

		poll(p, ARRAY_SIZE(p), -1);
		if (p[1].revents)
			return NULL;
		fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			welcome(s, fd);
	}
}

/* ---- Life and death ----------------------------------------------------- */

/* Threads inherit that a dead connection is an error, not a signal. */
static void start_thread(struct fault_server *s)
{
	sigset_t pipe, before;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	if (pthread_create(&s->thread, NULL, listen_for_all, s) != 0)
		abort();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* A socket that is bound to s->port; 0: to a free one, which that is then. */
static int bind_one(struct fault_server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(s->port),
				 .sin_addr = { htonl(INADDR_LOOPBACK +
						     s->o.misnamed) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	socklen_t size = sizeof(a);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&a, size) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &size) < 0) {
		close(fd);
		return log_fail(-errno, "a server for a test, port %u",
				s->port);
	}
	s->port = ntohs(a.sin_port);
	return fd;
}

/* The place keeps the port while nobody listens: else the kernel would give it
 * to somebody else, or to a client that calls there, and so reaches himself. */
static int start_listening(struct fault_server *s)
{
	if (s->place < 0)
		s->place = bind_one(s);
	if (s->place < 0)
		return s->place;
	s->listener = bind_one(s);
	if (s->listener < 0)
		return s->listener;
	if (listen(s->listener, 512) < 0) {
		close(s->listener);
		s->listener = -1;
		return log_fail(-errno, "listen on port %u", s->port);
	}
	s->wake = eventfd(0, EFD_CLOEXEC);
	start_thread(s);
	return 0;
}

static void stop_listening(struct fault_server *s)
{
	uint64_t one = 1;

	if (s->listener < 0)
		return;
	if (write(s->wake, &one, sizeof(one)) != sizeof(one))
		abort();
	pthread_join(s->thread, NULL);
	close(s->listener);
	close(s->wake);
	s->listener = -1;
}

static void set_state(struct fault_server *s, enum state state)
{
	LOCKED(&s->lock);

	s->state = state;
	pthread_cond_broadcast(&s->changed);
	if (state != DEAD && state != LEAVING)
		return;
	for (struct connection *c = s->live; c; c = c->next)
		shutdown(c->fd, SHUT_RDWR);
	while (s->live)
		pthread_cond_wait(&s->changed, &s->lock);
}

int fault_server_new(const struct fault_server_options *options,
		     struct fault_server **out)
{
	struct fault_server *s = calloc(1, sizeof(*s));
	const char *tmp = getenv("TMPDIR");
	int rc;

	*out = NULL;
	s->place = -1;
	s->listener = -1;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	s->o = *options;
	s->fitted = calloc(options->n_rules + 1, sizeof(*s->fitted));
	if (options->tls) {
		snprintf(s->ca, sizeof(s->ca), "%s/dliofs-ca-XXXXXX",
			 tmp ? tmp : "/tmp");
		s->ctx = fault_wire_context(s->ca);
	}
	rc = options->tls && !s->ctx ? -EIO : start_listening(s);
	if (rc < 0) {
		fault_server_free(s);
		return rc;
	}
	snprintf(s->url, sizeof(s->url), "%s://127.0.0.%d:%u",
		 options->tls ? "https" : "http", 1 + options->misnamed,
		 s->port);
	*out = s;
	return 0;
}

void fault_server_free(struct fault_server *s)
{
	if (!s)
		return;
	stop_listening(s);
	set_state(s, LEAVING);
	if (s->place >= 0)
		close(s->place);
	for (size_t i = 0; i < s->n_records; i++)
		record_free(s->records[i]);
	free(s->records);
	free(s->fitted);
	SSL_CTX_free(s->ctx);
	if (s->ca[0])
		unlink(s->ca);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void fault_server_die(struct fault_server *s)
{
	stop_listening(s);
	set_state(s, DEAD);
}

void fault_server_hang(struct fault_server *s)
{
	set_state(s, HANGING);
}

void fault_server_recover(struct fault_server *s)
{
	set_state(s, ALIVE);
	if (s->listener < 0 && start_listening(s) < 0)
		abort();
}

/* ---- What it knows ------------------------------------------------------ */

const char *fault_server_url(const struct fault_server *s)
{
	return s->url;
}

const char *fault_server_ca(const struct fault_server *s)
{
	return s->ca[0] ? s->ca : NULL;
}

void fault_server_rules(struct fault_server *s, const struct fault_rule *rules,
			size_t n_rules)
{
	LOCKED(&s->lock);

	s->o.rules = rules;
	s->o.n_rules = n_rules;
	free(s->fitted);
	s->fitted = calloc(n_rules + 1, sizeof(*s->fitted));
}

unsigned fault_server_seen(struct fault_server *s)
{
	LOCKED(&s->lock);

	return s->n_requests;
}

unsigned fault_server_connections(struct fault_server *s)
{
	LOCKED(&s->lock);

	return s->n_connections;
}

const struct fault_request *fault_server_request(struct fault_server *s,
						 unsigned i)
{
	LOCKED(&s->lock);

	return i < s->n_records ? &s->records[i]->q : NULL;
}

unsigned fault_server_count(struct fault_server *s, const char *method,
			    const char *target)
{
	unsigned n = 0;
	LOCKED(&s->lock);

	for (size_t i = 0; i < s->n_records; i++)
		n += has_words(method, target, &s->records[i]->q);
	return n;
}

const char *fault_request_header(const struct fault_request *q,
				 const char *name)
{
	return fault_stream_find(q->headers, q->n_headers, name);
}
