/* Memory that the processes of a test share, for counters and flags: a page of
 * zeroes that a fork() does not copy. */
#ifndef TESTS_LIB_SHARED_PAGE_H
#define TESTS_LIB_SHARED_PAGE_H

enum { SHARED_PAGE_BYTES = 4096 };

/* NULL: there is no memory. */
void *shared_page_new(void);
void shared_page_free(void *page);

#endif
