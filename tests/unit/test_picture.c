#include "app/picture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#define MS ((uint64_t)1000000)

/* The caller frees it. */
static char *picture_of(const struct picture *p)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	cr_assert_eq(picture_write(p, out), 0);
	fclose(out);
	return text;
}

static struct recorder *new_recorder(void)
{
	struct recorder *r;

	cr_assert_eq(recorder_new(-1, &r), 0);
	return r;
}

static bool has(const char *svg, const char *text)
{
	return strstr(svg, text) != NULL;
}

/* ---- Is it XML? ----------------------------------------------------------- */

/* Enough of a parser for what we write: elements, attributes in single quotes,
 * references by number.  NULL: well-formed; or where it is not. */
#define DEPTH 8

struct xml {
	const char *at;
	const char *open[DEPTH]; /* names of the elements that are open */
	size_t depth;
};

static size_t name_length(const char *s)
{
	return strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789-");
}

static bool end_tag(struct xml *x)
{
	size_t length = name_length(x->at);
	const char *open;

	if (x->depth == 0 || length == 0)
		return false;
	open = x->open[--x->depth];
	if (name_length(open) != length || strncmp(open, x->at, length) != 0)
		return false;
	x->at += length;
	return *x->at++ == '>';
}

static bool attribute(struct xml *x)
{
	size_t length = name_length(x->at);

	x->at += length;
	if (length == 0 || strncmp(x->at, "='", 2) != 0)
		return false;
	x->at += 2;
	x->at += strcspn(x->at, "'<&");
	return *x->at++ == '\'';
}

static bool start_tag(struct xml *x)
{
	size_t length = name_length(x->at);

	if (length == 0 || x->depth == DEPTH)
		return false;
	x->open[x->depth++] = x->at;
	x->at += length;
	while (x->at += strspn(x->at, " "), *x->at != '>' && *x->at != '/')
		if (!attribute(x))
			return false;
	if (*x->at == '/') {
		x->at++;
		x->depth--;
	}
	return *x->at++ == '>';
}

static bool reference(struct xml *x)
{
	size_t digits = *x->at == '#' ? strspn(x->at + 1, "0123456789") : 0;

	x->at += 1 + digits;
	return digits > 0 && *x->at++ == ';';
}

static const char *not_xml(const char *text)
{
	struct xml x = { .at = text };
	bool good = *text == '<';

	while (good && *x.at) {
		char c = *x.at++;

		if (c == '<' && *x.at == '/') {
			x.at++;
			good = end_tag(&x);
		} else if (c == '<') {
			good = (x.depth > 0 || x.at == text + 1) &&
			       start_tag(&x);
		} else if (c == '&') {
			good = reference(&x);
		} else {
			good = x.depth > 0 || c == '\n';
		}
	}
	return good && x.depth == 0 ? NULL : x.at;
}

Test(picture, the_check_for_xml_notices_what_is_none)
{
	static const char *const bad[] = {
		"",	      "a",	  "<a>",	"<a></b>",
		"<a><b></a>", "<a/><b/>", "<a b=c/>",	"<a>&</a>",
		"<a>&b;</a>", "<a></a>b", "<a b='<'/>",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect(not_xml(bad[i]), "%s", bad[i]);
	cr_expect_null(not_xml("<a b='c' d='e'><f/>g &#38;</a>\n"));
}

Test(picture, is_well_formed_whatever_was_measured)
{
	for (unsigned levels = 0; levels < 1 << REC_LEVELS; levels++) {
		struct recorder *r = new_recorder();
		struct picture p = {
			.title = "<s3://b&b> \x01 'n\xffnne' ]]>",
			.subtitle = "\"µs\" & more </text>",
			.shares = { levels % 2 ? 0.5 : 0, 0.25, 0.25, 0, 8 * MS,
				    levels % 4 },
			.recorder = r,
		};
		char *svg;

		for (unsigned i = 0; i < REC_LEVELS; i++)
			for (uint64_t ns = 1; levels >> i & 1 && ns < HIST_MAX;
			     ns *= 3)
				recorder_add(r, i, REC_READ, ns, -EIO);
		svg = picture_of(&p);
		cr_expect_null(not_xml(svg), "levels %x at %.40s", levels,
			       not_xml(svg));
		cr_expect(!has(svg, "nan") && !has(svg, "inf"), "%x", levels);
		free(svg);
		recorder_free(r);
	}
}

Test(picture, needs_nothing_but_itself)
{
	struct recorder *r = new_recorder();
	struct picture p = { .recorder = r };
	char *svg;

	recorder_add(r, REC_APP, REC_READ, MS, 1);
	svg = picture_of(&p);
	cr_expect(!has(svg, "<script") && !has(svg, "href") &&
		  !has(svg, "url(") && !has(svg, "@import"));
	free(svg);
	recorder_free(r);
}

/* ---- What it shows -------------------------------------------------------- */

Test(picture, says_so_if_there_were_no_reads)
{
	struct recorder *r = new_recorder();
	const struct recorder *const none[] = { NULL, r };

	recorder_add(r, REC_APP, REC_WRITE, MS, 1);
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		struct picture p = { .title = "unet3d",
				     .shares = { 0.5, 0.3, 0.2, 0, MS, false },
				     .recorder = none[i] };
		char *svg = picture_of(&p);

		cr_expect_null(not_xml(svg));
		cr_expect(has(svg, ">unet3d<"));
		cr_expect(has(svg, ">No reads were recorded.<"));
		cr_expect(!has(svg, "<path") && !has(svg, "%"));
		free(svg);
	}
	recorder_free(r);
}

Test(picture, shows_each_level_that_saw_reads_and_no_other)
{
	struct recorder *r = new_recorder();
	struct picture p = { .shares = { 0.5, 0.3, 0.2, 0, MS, false },
			     .recorder = r };
	char *svg;

	for (int i = 0; i < 1234; i++)
		recorder_add(r, REC_FUSE, REC_READ, 3 * MS, i < 5 ? -EIO : 1);
	recorder_add(r, REC_STORE, REC_READ, 20000, 1);
	recorder_add(r, REC_APP, REC_OPEN, 20000, 1);
	svg = picture_of(&p);
	cr_expect(has(svg, ">fuse<") && has(svg, ">store<"));
	cr_expect(has(svg, ">1,234<") && has(svg, ">handler, 5 failed<"));
	cr_expect(has(svg, ">3.00 ms<") && has(svg, ">20.0 us<"));
	cr_expect(!has(svg, ">app<") && !has(svg, "kernel"));
	cr_expect(has(svg, ">10 us<") && has(svg, ">100 us<") &&
		  has(svg, ">1 ms<") && has(svg, ">10 ms<"));
	free(svg);
	recorder_free(r);
}

/* As on a machine of its own: no requests. */
static struct recorder *one_read_at_each_level(uint64_t ns)
{
	struct recorder *r = new_recorder();

	for (int level = 0; level < REC_REQUEST; level++)
		recorder_add(r, level, REC_READ, ns, 1);
	return r;
}

Test(picture, shares_fill_the_bar)
{
	struct recorder *r = one_read_at_each_level(MS);
	struct picture p = { .shares = { 0.75, 0.24996, 0.00004, 0, 80000 * MS,
					 false },
			     .recorder = r };
	char *svg = picture_of(&p);

	cr_expect(has(svg, "x='40.0' y='134.0' width='615.0'"));
	cr_expect(has(svg, "x='655.0' y='134.0' width='205.0'"));
	cr_expect(has(svg, "x='860.0' y='134.0' width='0.0'"));
	cr_expect(has(svg, ">75.0 %<") && has(svg, ">25.0 %<") &&
		  has(svg, ">&#60; 0.1 %<"));
	cr_expect(has(svg, ">kernel and FUSE, 1m 00s<"));
	cr_expect(has(svg, ">dliofs handlers, 20.0 s<"));
	cr_expect(has(svg, ">store, 3.20 ms<"));
	cr_expect(!has(svg, "Overlapped"));
	free(svg);

	p.shares.overlapped = true;
	p.shares.total_ns = 0;
	svg = picture_of(&p);
	cr_expect(has(svg, "Overlapped"));
	cr_expect(has(svg, ">kernel and FUSE<"));
	free(svg);
	recorder_free(r);
}

Test(picture, a_store_on_a_network_is_a_client_a_network_and_a_server)
{
	struct recorder *r = one_read_at_each_level(MS);
	struct picture p = { .shares = { 0.25, 0.25, 0.1, 0.4, 100 * MS,
					 false },
			     .recorder = r };
	char *svg;

	recorder_add(r, REC_REQUEST, REC_READ, MS, 1);
	svg = picture_of(&p);
	cr_expect_null(not_xml(svg));
	cr_expect(has(svg, ">store's client, 10.0 ms<"), "%s", svg);
	cr_expect(has(svg, ">network and server, 40.0 ms<"));
	cr_expect(has(svg, "x='532.0' y='134.0' width='328.0'"));
	cr_expect(has(svg, ">HTTP request<"));
	cr_expect(!has(svg, "made again"));
	free(svg);

	recorder_count(r, REC_RETRIES, 1234);
	recorder_count(r, REC_THROTTLED, 5);
	svg = picture_of(&p);
	cr_expect_null(not_xml(svg));
	cr_expect(has(svg, ">1,234 requests were made again; 5 were refused as "
			   "too many.<"));
	free(svg);
	recorder_free(r);
}

Test(picture, shares_that_say_nothing_are_left_out)
{
	struct recorder *all = one_read_at_each_level(MS);
	struct recorder *one = new_recorder();
	const struct picture cases[] = {
		{ .recorder = all },
		{ .recorder = one, .shares = { 1, 0, 0, 0, MS, false } },
	};

	recorder_add(one, REC_APP, REC_READ, MS, 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *svg = picture_of(&cases[i]);

		cr_expect_null(not_xml(svg), "%zu", i);
		cr_expect(!has(svg, "Where the time"), "%zu", i);
		cr_expect(has(svg, ">1.00 ms<"), "%zu", i);
		cr_expect(!has(svg, "failed"), "%zu", i);
		free(svg);
	}
	recorder_free(all);
	recorder_free(one);
}

/* x of the text that is first written so. */
static double x_of(const char *svg, const char *text)
{
	const char *at = strstr(svg, text);
	double x = NAN;

	while (at && at > svg && *at != '\n')
		at--;
	cr_assert(at && sscanf(at, " <text x='%lf'", &x) == 1, "%s", text);
	return x;
}

Test(picture, labels_do_not_overlap_at_the_ends_of_the_curves)
{
	/* At either border, in the middle, and beside each other. */
	static const uint64_t ends[][REC_LEVELS] = {
		{ 1, 1, 1, 1 },
		{ HIST_MAX, HIST_MAX, HIST_MAX, HIST_MAX },
		{ MS, MS, MS, MS },
		{ MS + 1000, MS + 500, MS, MS - 500 },
		{ 1000 * MS, 1000 * MS, 1000, 1000 },
		{ 1000 * MS, 1000, 1000, 1000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct recorder *r = new_recorder();
		struct picture p = { .recorder = r };
		double request, store, fuse, app;
		char *svg;

		for (int level = 0; level < REC_LEVELS; level++)
			recorder_add(r, level, REC_READ, ends[i][level], 1);
		svg = picture_of(&p);
		request = x_of(svg, ">request<");
		store = x_of(svg, ">store<");
		fuse = x_of(svg, ">fuse<");
		app = x_of(svg, ">app<");
		cr_expect(store - request > 59.9 && fuse - store > 59.9 &&
				  app - fuse > 59.9,
			  "%zu: %g %g %g %g", i, request, store, fuse, app);
		cr_expect(request >= 92 + 30 && app <= 814 - 30, "%zu: %g %g",
			  i, request, app);
		free(svg);
		recorder_free(r);
	}
}

Test(picture, a_stream_that_takes_nothing_is_an_error)
{
	struct recorder *r = one_read_at_each_level(MS);
	const struct picture pictures[] = { { .recorder = r }, { 0 } };
	static const char *const modes[][2] = {
		{ "/dev/full", "w" },
		{ "/dev/null", "r" },
	};

	for (size_t i = 0; i < 4; i++) {
		FILE *out = fopen(modes[i / 2][0], modes[i / 2][1]);

		cr_expect_lt(picture_write(&pictures[i % 2], out), 0, "%zu", i);
		fclose(out);
	}
	recorder_free(r);
}
