#include "backends/aws_key.h"

#include <errno.h>
#include <string.h>

static size_t room_for(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static const char *append(char **to, const char *text)
{
	char *at = *to;

	if (!text)
		return NULL;
	*to = stpcpy(at, text) + 1;
	return at;
}

int aws_key_new(const struct sigv4_key *key, int64_t expires,
		struct aws_key **out)
{
	struct aws_key *k =
		malloc(sizeof(*k) + room_for(key->id) + room_for(key->secret) +
		       room_for(key->token));
	char *to;

	if (!k)
		return -ENOMEM;
	to = k->strings;
	k->key.id = append(&to, key->id);
	k->key.secret = append(&to, key->secret);
	k->key.token = append(&to, key->token);
	k->expires = expires;
	*out = k;
	return 0;
}

void aws_key_free(struct aws_key *k)
{
	if (!k)
		return;
	explicit_bzero(k->strings, room_for(k->key.id) +
					   room_for(k->key.secret) +
					   room_for(k->key.token));
	free(k);
}
