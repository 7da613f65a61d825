#include "backends/blockwriter.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define BLOCK 512u
#define BUFFER (8 * BLOCK)

/* What the disk is like: this takes libc's place in the test's program. */
static struct {
	unsigned calls, unaligned, straight;
	size_t most; /* that one call takes; 0: all */
	int error;
} disk;

static char buffer[BUFFER] __attribute__((aligned(BLOCK)));

ssize_t pwrite(int fd, const void *buf, size_t len, off_t offset)
{
	disk.calls++;
	disk.unaligned += (uintptr_t)buf % BLOCK || len % BLOCK ||
			  offset % BLOCK;
	disk.straight += buf != buffer;
	if (disk.error) {
		errno = disk.error;
		disk.error = disk.error == EINTR ? 0 : disk.error;
		return -1;
	}
	if (disk.most)
		len = MIN(len, disk.most);
	return syscall(SYS_pwrite64, fd, buf, len, offset);
}

static struct blockwriter new_writer(void)
{
	struct blockwriter w = {
		.fd = memfd_create("blocks", 0),
		.align = { BLOCK, BLOCK },
		.buffer = buffer,
		.size = BUFFER,
	};

	cr_assert_geq(w.fd, 0);
	memset(&disk, 0, sizeof(disk));
	return w;
}

/* Bytes that tell where they are, from an aligned address on. */
static char *numbered(size_t len)
{
	char *bytes = aligned_alloc(BLOCK, (size_t)round_up(len + 1, BLOCK));

	cr_assert(bytes);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(i * 31 + i / 251);
	return bytes;
}

static void expect_file(int fd, const char *want, size_t len)
{
	AUTO_FREE char *got = malloc(len + 1);

	cr_assert(got);
	cr_expect_eq(pread(fd, got, len + 1, 0), (ssize_t)len);
	cr_expect_eq(memcmp(got, want, len), 0);
}

Test(blockwriter, writes_whole_aligned_blocks_whatever_is_appended)
{
	const struct {
		const char *what;
		size_t total, piece;
		bool straight;
	} cases[] = {
		{ "nothing", 0, 1, false },
		{ "one byte", 1, 1, false },
		{ "a block", BLOCK, BLOCK, false },
		{ "odd pieces", 3 * BUFFER + 5, 77, false },
		{ "the buffer", BUFFER, BUFFER, false },
		{ "pieces of a byte more", 3 * BUFFER, BUFFER + 1, false },
		{ "much at once", 3 * ALIGNMENT_COPIED + 7,
		  3 * ALIGNMENT_COPIED + 7, true },
		{ "just much", 2 * ALIGNMENT_COPIED, ALIGNMENT_COPIED, true },
		{ "just not much", 2 * ALIGNMENT_COPIED - 2,
		  ALIGNMENT_COPIED - 1, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *bytes = numbered(cases[i].total);
		struct blockwriter w = new_writer();
		size_t done = 0;

		while (done < cases[i].total) {
			size_t n = MIN(cases[i].piece, cases[i].total - done);

			cr_assert_eq(blockwriter_append(&w, bytes + done, n),
				     0);
			done += n;
		}
		cr_expect_eq(blockwriter_end(&w), 0);
		cr_expect_eq(disk.unaligned, 0, "%s", cases[i].what);
		cr_expect_eq(disk.straight > 0, cases[i].straight, "%s",
			     cases[i].what);
		expect_file(w.fd, bytes, cases[i].total);
		close(w.fd);
	}
}

Test(blockwriter, copies_what_is_not_aligned)
{
	const size_t len = 2 * ALIGNMENT_COPIED;
	AUTO_FREE char *bytes = numbered(len + 1);
	struct blockwriter w = new_writer();

	cr_assert_eq(blockwriter_append(&w, bytes + 1, len), 0);
	cr_assert_eq(blockwriter_end(&w), 0);
	cr_expect_eq(disk.straight, 0);
	expect_file(w.fd, bytes + 1, len);
	close(w.fd);
}

Test(blockwriter, goes_on_after_a_short_write_where_a_block_begins)
{
	AUTO_FREE char *bytes = numbered(BUFFER);
	struct blockwriter w = new_writer();

	disk.most = 2 * BLOCK + 100;
	cr_assert_eq(blockwriter_append(&w, bytes, BUFFER), 0);
	cr_assert_eq(blockwriter_end(&w), 0);
	cr_expect_eq(disk.calls, BUFFER / (2 * BLOCK));
	cr_expect_eq(disk.unaligned, 0);
	expect_file(w.fd, bytes, BUFFER);
	close(w.fd);
}

Test(blockwriter, passes_on_the_error_of_the_disk)
{
	static const struct {
		const char *what;
		int error;
		size_t most;
		int want;
	} cases[] = {
		{ "full", ENOSPC, 0, -ENOSPC },
		{ "interrupted", EINTR, 0, 0 },
		{ "less than a block at a time", 0, BLOCK - 1, -EIO },
	};
	AUTO_FREE char *bytes = numbered(BUFFER);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct blockwriter w = new_writer();

		disk.error = cases[i].error;
		disk.most = cases[i].most;
		cr_expect_eq(blockwriter_append(&w, bytes, BUFFER),
			     cases[i].want, "%s", cases[i].what);
		close(w.fd);
	}
}
