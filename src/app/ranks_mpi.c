#include "app/ranks_mpi.h"

#include "base/log.h"

#include <errno.h>
#include <mpi.h>

struct mpi {
	struct ranks_wire wire;
	MPI_Comm host; /* the ranks of this host */
	MPI_Request request;
	MPI_Request alarm; /* a message to come */
	char alarm_byte;
};

#define ALARM_TAG 1

static struct mpi *mpi_of(struct ranks_wire *w)
{
	return (struct mpi *)w;
}

static void mpi_set_host(struct ranks_wire *w, unsigned host)
{
	MPI_Comm_split(MPI_COMM_WORLD, (int)host, (int)w->rank,
		       &mpi_of(w)->host);
}

static void mpi_max(struct ranks_wire *w, int *value)
{
	MPI_Iallreduce(MPI_IN_PLACE, value, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD,
		       &mpi_of(w)->request);
}

static void mpi_sum(struct ranks_wire *w, double *values, size_t n)
{
	MPI_Iallreduce(MPI_IN_PLACE, values, (int)n, MPI_DOUBLE, MPI_SUM,
		       MPI_COMM_WORLD, &mpi_of(w)->request);
}

static void mpi_tell(struct ranks_wire *w, void *data, size_t len, bool host)
{
	MPI_Ibcast(data, (int)len, MPI_BYTE, 0,
		   host ? mpi_of(w)->host : MPI_COMM_WORLD,
		   &mpi_of(w)->request);
}

static void mpi_exchange(struct ranks_wire *w, const void *mine, size_t len,
			 void *all)
{
	MPI_Iallgather(mine, (int)len, MPI_BYTE, all, (int)len, MPI_BYTE,
		       MPI_COMM_WORLD, &mpi_of(w)->request);
}

static void mpi_gather(struct ranks_wire *w, const void *mine, size_t len,
		       void *all, const int *sizes, const int *places)
{
	MPI_Igatherv(mine, (int)len, MPI_BYTE, all, sizes, places, MPI_BYTE, 0,
		     MPI_COMM_WORLD, &mpi_of(w)->request);
}

static void listen(struct mpi *m)
{
	MPI_Irecv(&m->alarm_byte, 1, MPI_BYTE, MPI_ANY_SOURCE, ALARM_TAG,
		  MPI_COMM_WORLD, &m->alarm);
}

/* So short a message is on its way when this returns; nobody waits for it. */
static void mpi_alarm(struct ranks_wire *w)
{
	static const char byte = 1;

	for (unsigned i = 0; i < w->size; i++) {
		MPI_Request request;

		if (i == w->rank)
			continue;
		MPI_Isend(&byte, 1, MPI_BYTE, (int)i, ALARM_TAG, MPI_COMM_WORLD,
			  &request);
		MPI_Request_free(&request);
	}
}

static bool mpi_alarmed(struct ranks_wire *w)
{
	struct mpi *m = mpi_of(w);
	int rung = 0;

	MPI_Test(&m->alarm, &rung, MPI_STATUS_IGNORE);
	if (rung)
		listen(m); /* another may fail, too */
	return rung;
}

static bool mpi_test(struct ranks_wire *w)
{
	int done = 0;

	MPI_Test(&mpi_of(w)->request, &done, MPI_STATUS_IGNORE);
	return done;
}

static void mpi_close(struct ranks_wire *w)
{
	struct mpi *m = mpi_of(w);

	while (mpi_alarmed(w))
		;
	MPI_Cancel(&m->alarm);
	MPI_Wait(&m->alarm, MPI_STATUS_IGNORE);
	if (m->host != MPI_COMM_NULL)
		MPI_Comm_free(&m->host);
	MPI_Finalize();
	free(m);
}

static void mpi_abort(struct ranks_wire *w, int status)
{
	(void)w;
	fflush(NULL);
	MPI_Abort(MPI_COMM_WORLD, status);
}

static const struct ranks_wire_ops mpi_ops = {
	.set_host = mpi_set_host,
	.max = mpi_max,
	.sum = mpi_sum,
	.tell = mpi_tell,
	.exchange = mpi_exchange,
	.gather = mpi_gather,
	.alarm = mpi_alarm,
	.alarmed = mpi_alarmed,
	.test = mpi_test,
	.close = mpi_close,
	.abort = mpi_abort,
};

int ranks_mpi_open(struct ranks_wire **out)
{
	struct mpi *m = calloc(1, sizeof(*m));
	int rank, size, provided;

	if (!m)
		return -ENOMEM;
	/* Of our threads, only this one calls MPI. */
	if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided)) {
		free(m);
		return log_fail(-EIO, "initialise MPI");
	}
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	m->wire = (struct ranks_wire){ .ops = &mpi_ops,
				       .rank = (unsigned)rank,
				       .size = (unsigned)size };
	m->host = MPI_COMM_NULL;
	m->request = MPI_REQUEST_NULL;
	listen(m);
	*out = &m->wire;
	return 0;
}
