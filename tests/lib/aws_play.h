/* Plays those who give out AWS keys, on a server of its own, together with the
 * folder and the environment that lead there:
 *
 *	PUT  /latest/api/token …	EC2's metadata service
 *	GET  /container			the agent of a container
 *	POST /				STS
 *
 * Keys are AKID-ec2-1, S3CR3T-ec2-1, S3CR3T-TOKEN-ec2-1 (-container-, or the
 * name of the role), counted up, and good for 3600 seconds of a clock that
 * stands still.  Who knows neither password nor signature is refused.  Whatever
 * is secret has AWS_PLAY_MARK in it.  Rules for the server go before all that:
 * fault_server_rules(play->server, …).  One at a time. */
#ifndef TESTS_LIB_AWS_PLAY_H
#define TESTS_LIB_AWS_PLAY_H

#include "backends/aws_credentials.h"
#include "lib/fault_server.h"

#define AWS_PLAY_MARK "S3CR3T"
#define AWS_PLAY_NOW 1800000000 /* at the start */
#define AWS_PLAY_PASSWORD "PASSWORD-S3CR3T"

/* Of the key that may ask STS, besides those that were given out. */
#define AWS_PLAY_ID "AKID-base"
#define AWS_PLAY_SECRET "S3CR3T-base"

struct aws_play {
	char *folder;
	struct fault_server *server;
	char *environment[32]; /* HOME is the folder */
	size_t n;
	_Atomic int babble; /* answer with this status, and repeat all that
				 * was said, and some keys as well */
	_Atomic unsigned slow_ms; /* before each answer */
	bool ec2;		  /* else the metadata service is off */
	_Atomic unsigned given;	  /* keys */
	_Atomic int64_t life;	  /* of a key, in seconds */
};

struct aws_play *aws_play_new(void);
void aws_play_free(struct aws_play *p);

/* The clock. */
int64_t aws_play_now(void);
void aws_play_pass(int64_t seconds);

/* A variable; "%URL%" in it is the server, "%DIR%" the folder. */
void aws_play_set(struct aws_play *p, const char *text);

/* A file in the folder, likewise. */
void aws_play_write(struct aws_play *p, const char *name, const char *text);

/* Each a variable that leads to one service. */
void aws_play_use_ec2(struct aws_play *p);
void aws_play_use_container(struct aws_play *p);
void aws_play_use_sts(struct aws_play *p);

/* With environment, clock, and no .env but the folder's. */
int aws_play_open(struct aws_play *p, struct aws_credentials_options o,
		  struct aws_credentials **out);

/* The id of the key it gives now, in a buffer of this thread; "" if it is
 * anonymous, or the error's name. */
const char *aws_play_id(struct aws_credentials *c);

#endif
