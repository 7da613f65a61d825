/* The fixture of remote_faults.c: a store that is reached through a proxy that
 * breaks requests, things to do with it, and trials of what comes of each
 * fault. */
#ifndef TESTS_LIB_FAULTY_H
#define TESTS_LIB_FAULTY_H

#include "lib/fault_proxy.h"
#include "lib/remote_faults.h"

#define FAULTY_ATTEMPTS 3
#define FAULTY_SECONDS 60     /* in which all is over, however it ends */
#define FAULTY_STALL_MS 60000 /* longer than the hasty store waits */
#define FAULTY_PART (5 * MIB) /* the least that S3 takes */

/* A store through the proxy, and the same without it.  Where stalls are to be
 * found out, it goes through as one that does not wait for long, with so many
 * attempts; or with any number, where all is well in the end, for a busy
 * machine's server may be taken for one that stalls.  Else as one that waits for
 * whatever such a server takes. */
struct faulty {
	const struct remote_words *words;
	void *state;
	struct server *server; /* the state's */
	struct fault_proxy *proxy;
	struct recorder *recorder;
	char endpoint[256];
	struct backend *direct, *patient, *hasty, *dogged;
	struct backend *through; /* one of these three */
};

/* The proxy may speak TLS to us. */
enum faulty_how { FAULTY_PLAIN, FAULTY_TLS };

void faulty_set_up(struct faulty *f, const struct remote_words *w,
		   enum faulty_how how);
void faulty_tear_down(struct faulty *f);

/* How the patient one goes through the proxy; points into *f. */
struct remote_options faulty_options(struct faulty *f);

/* 0: the bytes are right.  Wrong ones end the test. */
int faulty_read(struct backend *b, const char *name, unsigned seed,
		uint64_t size);
int faulty_write(struct backend *b, const char *name, unsigned seed,
		 uint64_t size);

/* A listing that says 0 is whole. */
int faulty_list(struct backend *b, unsigned objects);

/* The same with an object of that size, "one", that was put there before; and
 * with another, which is removed again. */
#define FAULTY_SMALL 300000
void faulty_put_one(struct faulty *f);
int faulty_read_one(struct faulty *f);
void faulty_expect_one(struct faulty *f); /* it can be read */
int faulty_write_one(struct faulty *f);

/* No upload was begun that nobody ended. */
void faulty_expect_nothing_pending(struct faulty *f);

/* A kind of fault, what comes of it, and how often the request was sent.  0:
 * that is a matter of luck.  With "ms" it is for the hasty store to find out. */
struct faulty_row {
	const char *kind;
	int rc;
	unsigned sent;
	unsigned ms;
};

/* What is done while each row's fault breaks what the plan says.  It ends as
 * the row says, and in time. */
struct faulty_trial {
	const struct faulty_row *rows;
	size_t n;
	struct fault_plan plan;
	enum faulty_how how;
	void (*before)(struct faulty *f); /* once; or NULL */
	int (*act)(struct faulty *f);
	void (*after)(struct faulty *f); /* once; or NULL */
};
#define FAULTY_ROWS(r) .rows = (r), .n = ARRAY_SIZE(r)

void faulty_try(const struct remote_words *w, const struct faulty_trial *t);
void faulty_try_in(struct faulty *f, const struct faulty_trial *t);

#endif
