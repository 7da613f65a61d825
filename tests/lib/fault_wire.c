#include "lib/fault_wire.h"

#include "base/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

static void add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

static X509 *make_certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), getpid());
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 24 * 3600);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)"127.0.0.1", -1, -1,
				   0);
	X509_set_issuer_name(x, name);
	add_extension(x, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
	add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
	X509_sign(x, key, EVP_sha256());
	return x;
}

SSL_CTX *fault_wire_context(char *ca)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = make_certificate(key);
	int fd = mkstemp(ca);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	bool good = f && PEM_write_X509(f, x) && ctx &&
		    SSL_CTX_use_certificate(ctx, x) == 1 &&
		    SSL_CTX_use_PrivateKey(ctx, key) == 1;

	if (f)
		fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
	if (!good) {
		SSL_CTX_free(ctx);
		log_error("no TLS for the server of a test");
		return NULL;
	}
	return ctx;
}

int fault_wire_accept(struct fault_wire *w, int fd, SSL_CTX *ctx)
{
	*w = (struct fault_wire){ .fd = fd };
	if (!ctx)
		return 0;
	w->ssl = SSL_new(ctx);
	SSL_set_fd(w->ssl, fd);
	return SSL_accept(w->ssl) == 1 ? 0 : -EPROTO;
}

ssize_t fault_wire_read(struct fault_wire *w, void *buf, size_t len)
{
	size_t got = 0;

	if (!w->ssl)
		return recv(w->fd, buf, len, 0);
	if (SSL_read_ex(w->ssl, buf, len, &got) == 1)
		return (ssize_t)got;
	return SSL_get_error(w->ssl, 0) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

int fault_wire_write(struct fault_wire *w, const void *buf, size_t len)
{
	const char *p = buf;

	while (len > 0) {
		size_t sent = 0;
		ssize_t n;

		if (w->ssl && SSL_write_ex(w->ssl, p, len, &sent) != 1)
			return -EPIPE;
		if (!w->ssl) {
			n = send(w->fd, p, len, MSG_NOSIGNAL);
			if (n <= 0)
				return -EPIPE;
			sent = (size_t)n;
		}
		p += sent;
		len -= sent;
	}
	return 0;
}

void fault_wire_wait(const struct fault_wire *w, unsigned ms)
{
	struct pollfd p = { .fd = w->fd, .events = POLLRDHUP };

	poll(&p, 1, (int)ms);
}

void fault_wire_end(struct fault_wire *w, enum fault_wire_end how)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (how == FAULT_WIRE_RESET)
		setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	else if (how == FAULT_WIRE_CLOSE && w->ssl)
		SSL_shutdown(w->ssl);
	if (w->ssl)
		SSL_free(w->ssl);
	close(w->fd);
	*w = (struct fault_wire){ .fd = -1 };
}
