/* What stores on a network make of faults, with a proxy that breaks requests
 * (fault_proxy.h) in front of a real server: right bytes or the right errno, in
 * bounded time, after as many attempts as it should take, and nothing left
 * behind.
 *
 *	static const struct remote_words words = { ... };
 *	REMOTE_FAULTS(faults_radosgw, words)
 *
 * makes a Criterion suite of that name. */
#ifndef TESTS_LIB_REMOTE_FAULTS_H
#define TESTS_LIB_REMOTE_FAULTS_H

#include "lib/servers.h"

/* How a store's requests are told apart: parts of their targets. */
struct remote_words {
	const char *server; /* "radosgw" */
	const struct backend_ops *ops;
	const char *account; /* what follows the endpoint's host; or "" */
	const char *list;
	const char *part;
	const char *complete_method, *complete;
	bool end_is_document; /* the answer to the latter has a body */
	bool keeps_parts;     /* that nobody can read; see azure_upload.h */
};

#define REMOTE_FAULTS(suite, words)                                            \
	REMOTE_FAULT(suite, words, one_broken_read_is_right_in_the_end)        \
	REMOTE_FAULT(suite, words, reads_that_stay_broken_have_an_errno)       \
	REMOTE_FAULT(suite, words, wrong_answers_are_no_data)                  \
	REMOTE_FAULT(suite, words, another_etag_is_estale)                     \
	REMOTE_FAULT(suite, words, one_broken_put_is_right_in_the_end)         \
	REMOTE_FAULT(suite, words, puts_that_stay_broken_leave_nothing)        \
	REMOTE_FAULT(suite, words, one_broken_part_is_right_in_the_end)        \
	REMOTE_FAULT(suite, words, one_broken_end_is_right_in_the_end)         \
	REMOTE_FAULT(suite, words, an_end_that_is_unclear_is_asked_for_again)  \
	REMOTE_FAULT(suite, words, parts_that_stay_broken_leave_nothing)       \
	REMOTE_FAULT(suite, words, one_broken_page_is_right_in_the_end)        \
	REMOTE_FAULT(suite, words, pages_that_stay_broken_have_an_errno)       \
	REMOTE_FAULT(suite, words, small_questions_are_asked_again)            \
	REMOTE_FAULT(suite, words, one_in_five_is_broken_and_all_is_right)     \
	REMOTE_FAULT(suite, words, a_server_that_dies_is_told_in_time)         \
	REMOTE_FAULT(suite, words, a_server_that_hangs_is_told_in_time)        \
	REMOTE_FAULT(suite, words, tls_that_breaks_once_is_right_in_the_end)   \
	REMOTE_FAULT(suite, words, tls_that_stays_broken_has_an_errno)         \
	REMOTE_FAULT(suite, words,                                             \
		     a_certificate_that_nobody_vouches_for_is_refused)         \
	REMOTE_FAULT(suite, words, a_certificate_of_another_host_is_refused)   \
	REMOTE_FAULT(suite, words, wrong_sums_of_answers_do_no_harm)           \
	REMOTE_FAULT(suite, words, wrong_etags_of_parts_do_no_harm)

#define REMOTE_FAULT(suite, words, rule)                                       \
	Test(suite, rule)                                                      \
	{                                                                      \
		remote_faults_##rule(&(words));                                \
	}

void remote_faults_one_broken_read_is_right_in_the_end(
	const struct remote_words *w);
void remote_faults_reads_that_stay_broken_have_an_errno(
	const struct remote_words *w);
void remote_faults_one_broken_put_is_right_in_the_end(
	const struct remote_words *w);
void remote_faults_puts_that_stay_broken_leave_nothing(
	const struct remote_words *w);
void remote_faults_one_broken_part_is_right_in_the_end(
	const struct remote_words *w);
void remote_faults_one_broken_end_is_right_in_the_end(
	const struct remote_words *w);
void remote_faults_parts_that_stay_broken_leave_nothing(
	const struct remote_words *w);
void remote_faults_one_broken_page_is_right_in_the_end(
	const struct remote_words *w);
void remote_faults_pages_that_stay_broken_have_an_errno(
	const struct remote_words *w);
void remote_faults_small_questions_are_asked_again(const struct remote_words *w);
void remote_faults_one_in_five_is_broken_and_all_is_right(
	const struct remote_words *w);
void remote_faults_a_server_that_dies_is_told_in_time(
	const struct remote_words *w);
void remote_faults_a_server_that_hangs_is_told_in_time(
	const struct remote_words *w);
void remote_faults_wrong_answers_are_no_data(const struct remote_words *w);
void remote_faults_another_etag_is_estale(const struct remote_words *w);
void remote_faults_an_end_that_is_unclear_is_asked_for_again(
	const struct remote_words *w);

/* remote_faults_tls.c */
void remote_faults_tls_that_breaks_once_is_right_in_the_end(
	const struct remote_words *w);
void remote_faults_tls_that_stays_broken_has_an_errno(
	const struct remote_words *w);
void remote_faults_a_certificate_that_nobody_vouches_for_is_refused(
	const struct remote_words *w);
void remote_faults_a_certificate_of_another_host_is_refused(
	const struct remote_words *w);

/* remote_faults_sums.c */
void remote_faults_wrong_sums_of_answers_do_no_harm(
	const struct remote_words *w);
void remote_faults_wrong_etags_of_parts_do_no_harm(const struct remote_words *w);

#endif
