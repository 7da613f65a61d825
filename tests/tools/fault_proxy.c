/* A proxy that breaks requests (lib/fault_proxy.h), for scripts:
 *
 *	fault_proxy --to HOST:PORT --port-file FILE [--control FIFO]
 *		[--tls] [--ca FILE] [--log FILE]
 *		[--fault KIND,...] [--percent P | --first N --times N]
 *		[--method M] [--target PART] [--ms N] [--seed N]
 *
 * writes its URL to FILE when it is ready, and its certificate to the file of
 * --ca.  Lines written to the FIFO: "die", "hang", "recover", "calm" (break
 * nothing from now on), "break" (go on).  Ends with whoever started it. */
#include "lib/fault_proxy.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

struct wishes {
	struct fault_proxy_options options;
	struct fault_plan plan;
	const char *port_file, *ca, *control;
};

/* What a word sets: one of these. */
struct word {
	const char *name;
	const char **text;
	unsigned *number;
	bool *yes;
};

static const struct word *find(const struct word *words, const char *name)
{
	while (words->name && strcmp(words->name, name))
		words++;
	return words->name ? words : NULL;
}

static int parse(char **argv, struct wishes *w)
{
	unsigned seed = 0;
	const struct word words[] = {
		{ .name = "--to", .text = &w->options.to },
		{ .name = "--port-file", .text = &w->port_file },
		{ .name = "--control", .text = &w->control },
		{ .name = "--tls", .yes = &w->options.tls },
		{ .name = "--ca", .text = &w->ca },
		{ .name = "--log", .text = &w->options.log },
		{ .name = "--fault", .text = &w->plan.kinds },
		{ .name = "--percent", .number = &w->plan.percent },
		{ .name = "--first", .number = &w->plan.first },
		{ .name = "--times", .number = &w->plan.times },
		{ .name = "--method", .text = &w->plan.method },
		{ .name = "--target", .text = &w->plan.target },
		{ .name = "--ms", .number = &w->plan.ms },
		{ .name = "--seed", .number = &seed },
		{ 0 },
	};

	while (*++argv) {
		const struct word *word = find(words, *argv);

		if (!word || (!word->yes && !argv[1]))
			return log_invalid("what is '%s'?", *argv);
		if (word->yes)
			*word->yes = true;
		else if (word->text)
			*word->text = *++argv;
		else
			*word->number = (unsigned)strtoul(*++argv, NULL, 10);
	}
	w->plan.seed = seed;
	if (!w->options.to || !w->port_file || (w->ca && !w->options.tls))
		return log_invalid("it wants --to, --port-file; --ca, --tls");
	return 0;
}

/* Whole, or not at all: somebody waits for it. */
static int write_file(const char *path, const char *from)
{
	char other[4096];
	AUTO_FCLOSE FILE *f = NULL;

	snprintf(other, sizeof(other), "%s.new", path);
	f = fopen(other, "w");
	if (!f)
		return log_fail(-errno, "write %s", other);
	fputs(from, f);
	fflush(f);
	return rename(other, path) < 0 ? log_fail(-errno, "name %s", path) : 0;
}

static int copy_file(const char *from, const char *to)
{
	char text[8192] = "";
	AUTO_FCLOSE FILE *f = fopen(from, "r");

	if (!f || fread(text, 1, sizeof(text) - 1, f) == 0)
		return log_fail(-EIO, "read %s", from);
	return write_file(to, text);
}

static void obey(struct fault_proxy *p, const struct fault_plan *plan,
		 const char *word)
{
	struct fault_server *s = fault_proxy_server(p);

	if (!strcmp(word, "die"))
		fault_server_die(s);
	else if (!strcmp(word, "hang"))
		fault_server_hang(s);
	else if (!strcmp(word, "recover"))
		fault_server_recover(s);
	else if (!strcmp(word, "calm"))
		(void)!fault_proxy_plan(p, NULL);
	else if (!strcmp(word, "break"))
		(void)!fault_proxy_plan(p, plan);
	else
		log_error("what is '%s'?", word);
}

static int make_fifo(const char *path)
{
	if (mkfifo(path, 0600) < 0 && errno != EEXIST)
		return log_fail(-errno, "make %s", path);
	return 0;
}

/* Opened for writing, too, so that it has no end. */
static int listen_to(const char *fifo, struct fault_proxy *p,
		     const struct fault_plan *plan)
{
	AUTO_FCLOSE FILE *f = fopen(fifo, "r+");
	char line[64];

	if (!f)
		return log_fail(-errno, "open %s", fifo);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		obey(p, plan, line);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct wishes w = { .options.forget = true };
	struct fault_server *s;
	struct fault_proxy *p;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)argc;
	if (parse(argv, &w) < 0)
		return 2;
	if (fault_proxy_new(&w.options, &p) < 0)
		return 1;
	s = fault_proxy_server(p);
	/* The FIFO first: whoever wrote before it is there made a file. */
	if ((w.plan.kinds && fault_proxy_plan(p, &w.plan) < 0) ||
	    (w.ca && copy_file(fault_server_ca(s), w.ca) < 0) ||
	    (w.control && make_fifo(w.control) < 0) ||
	    write_file(w.port_file, fault_server_url(s)) < 0)
		return 1;
	if (w.control)
		return listen_to(w.control, p, &w.plan) < 0;
	for (;;)
		pause();
}
