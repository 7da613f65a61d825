/* One end of a connection, plain or TLS, and the ways in which it can end.  A
 * server's certificate is made on the spot. */
#ifndef TESTS_LIB_FAULT_WIRE_H
#define TESTS_LIB_FAULT_WIRE_H

#include "base/util.h"

#include <openssl/ssl.h>

struct fault_wire {
	int fd;
	SSL *ssl; /* NULL: plain */
};

/* A certificate for 127.0.0.1 and localhost, signed by itself; ca: a path of
 * mkstemp()'s kind, where it is written as PEM. */
SSL_CTX *fault_wire_context(char *ca);

/* The server's half of the handshake; ctx NULL: plain. */
int fault_wire_accept(struct fault_wire *w, int fd, SSL_CTX *ctx) MUST_USE;

/* As read(2); negative for all errors. */
ssize_t fault_wire_read(struct fault_wire *w, void *buf, size_t len);

/* All of it, or -EPIPE. */
int fault_wire_write(struct fault_wire *w, const void *buf, size_t len);

/* Wait so long, or until the other side (or a shutdown(2) on ours) ends it. */
void fault_wire_wait(const struct fault_wire *w, unsigned ms);

enum fault_wire_end {
	FAULT_WIRE_CLOSE, /* with TLS's close_notify */
	FAULT_WIRE_CUT,	  /* without */
	FAULT_WIRE_RESET,
};

void fault_wire_end(struct fault_wire *w, enum fault_wire_end how);

#endif
