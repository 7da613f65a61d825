#include "lib/shared_page.h"

#include <stddef.h>
#include <sys/mman.h>

void *shared_page_new(void)
{
	void *page = mmap(NULL, SHARED_PAGE_BYTES, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

void shared_page_free(void *page)
{
	munmap(page, SHARED_PAGE_BYTES);
}
