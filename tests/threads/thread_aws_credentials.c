/* Threads ask for keys, all at the same moment: a key that a server refused, or
 * that expires soon, is replaced by one of them, once; the others wait, or go on
 * with the old; and every key that is handed out is whole. */
#include "lib/aws_play.h"

#include <stdatomic.h>
#include <string.h>

enum { THREADS = 6, ROUNDS = 60 };

struct shared {
	struct aws_play *play;
	struct aws_credentials *c;
	pthread_barrier_t barrier;
	_Atomic unsigned complaints, old;
	char id[128]; /* of the round before */
};

#define CHECK(s, condition)                                                    \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
				__LINE__, #condition);                         \
			(s)->complaints++;                                     \
		}                                                              \
	} while (0)

/* Id, secret and token of one key end in the same way. */
static void get(struct shared *s, bool old_is_good)
{
	struct aws_key *k;
	const char *end;

	if (aws_credentials_get(s->c, &k)) {
		s->complaints++;
		return;
	}
	end = k->key.id + strlen("AKID-");
	CHECK(s, !strcmp(k->key.secret + strlen("S3CR3T-"), end));
	CHECK(s, !strcmp(k->key.token + strlen("S3CR3T-TOKEN-"), end));
	if (!strcmp(k->key.id, s->id)) {
		s->old++;
		CHECK(s, old_is_good);
	}
	aws_key_free(k);
}

/* In even rounds the key is refused, in odd ones it expires soon. */
static void *work(void *arg)
{
	struct shared *s = arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		bool refused = i % 2 == 0;

		pthread_barrier_wait(&s->barrier);
		if (refused)
			aws_credentials_expire(s->c, s->id);
		get(s, !refused);
		get(s, !refused);
		pthread_barrier_wait(&s->barrier);
	}
	return NULL;
}

/* Between two rounds nobody else is at work. */
static void play_round(struct shared *s, unsigned i)
{
	unsigned given = s->play->given;

	snprintf(s->id, sizeof(s->id), "%s", aws_play_id(s->c));
	CHECK(s, s->play->given == given);
	if (i % 2)
		aws_play_pass(3400);
	pthread_barrier_wait(&s->barrier);
	pthread_barrier_wait(&s->barrier);
	CHECK(s, s->play->given == given + 1);
}

int main(void)
{
	pthread_t threads[THREADS];
	struct shared s = { .play = aws_play_new() };

	aws_play_use_container(s.play);
	s.play->slow_ms = 10;
	if (aws_play_open(s.play, (struct aws_credentials_options){ 0 }, &s.c))
		return 1;
	pthread_barrier_init(&s.barrier, NULL, THREADS + 1);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, &s);
	for (unsigned i = 0; i < ROUNDS; i++)
		play_round(&s, i);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK(&s, s.old > 0);
	pthread_barrier_destroy(&s.barrier);
	aws_credentials_free(s.c);
	aws_play_free(s.play);
	return s.complaints != 0;
}
