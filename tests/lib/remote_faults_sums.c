#include "lib/faulty.h"

#include <errno.h>
#include <string.h>

#define LARGE (2 * FAULTY_PART + 12345)

/* Checksums and ETags that answers bring, and that are wrong.
 *
 * Those of what is read are neither asked for nor looked at: servers have none
 * of ranges, and what TCP and TLS deliver is as it was sent.  What is written is
 * checked by the server, with the sums that each request brings ("corrupt" in
 * remote_faults.c), and the ETag that it answers may be another's who came
 * after.  So none of these does harm. */

void remote_faults_wrong_sums_of_answers_do_no_harm(const struct remote_words *w)
{
	static const struct faulty_row sums[] = { { "checksum", 0, 1, 0 } };
	static const struct faulty_row both[] = { { "checksum", 0, 1, 0 },
						  { "etag", 0, 1, 0 } };
	static const struct faulty_trial trials[] = {
		{ FAULTY_ROWS(sums), .plan = { .method = "GET" },
		  .before = faulty_put_one, .act = faulty_read_one },
		{ FAULTY_ROWS(both), .plan = { .method = "PUT" },
		  .act = faulty_write_one },
	};
	struct faulty f;

	faulty_set_up(&f, w, FAULTY_PLAIN);
	for (size_t i = 0; i < ARRAY_SIZE(trials); i++)
		faulty_try_in(&f, &trials[i]);
	faulty_tear_down(&f);
}

/* Where parts are put together by their ETags, the server refuses to; where
 * they are not, all is well. */
static int act_large(struct faulty *f)
{
	int rc = faulty_write(f->through, "large", 3, LARGE);

	if (rc == 0)
		contract_expect(f->direct, "large", 3, LARGE);
	else
		cr_expect_eq(faulty_list(f->direct, 0), 0, "half is there");
	cr_expect(rc == 0 || f->words->end_is_document, "%d", rc);
	return 0;
}

void remote_faults_wrong_etags_of_parts_do_no_harm(const struct remote_words *w)
{
	static const struct faulty_row rows[] = { { "etag", 0, 0, 0 } };
	const struct faulty_trial t = {
		FAULTY_ROWS(rows),
		.plan = { .method = "PUT", .target = w->part, .times = 1 },
		.act = act_large,
		.after = faulty_expect_nothing_pending,
	};

	faulty_try(w, &t);
}
