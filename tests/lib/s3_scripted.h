/* An S3 store whose server is a script (fault_server.h). */
#ifndef TESTS_LIB_S3_SCRIPTED_H
#define TESTS_LIB_S3_SCRIPTED_H

#include "backends/backend.h"
#include "backends/remote.h"
#include "lib/fault_server.h"

/* The first rule of every script: what the store asks when it is opened. */
#define S3_SCRIPTED_PROBE                                                      \
	{                                                                      \
		.method = "GET", .target = "max-keys=1", .answer = {           \
			.body = "<ListBucketResult/>"                          \
		}                                                              \
	}
#define S3_SCRIPTED_ERROR(code)                                                \
	"<?xml version=\"1.0\"?><Error><Code>" code "</Code>"                  \
	"<Message>said</Message></Error>"

struct fault_server *s3_scripted_serve(const struct fault_rule *rules,
				       size_t n);

/* Path style, three attempts, parts of 5 MiB, key AKID and secret "hush", and
 * nothing from the environment. */
struct remote_options s3_scripted_options(const struct fault_server *s);

/* s3://bucket/pre */
struct backend *s3_scripted_open(const struct fault_server *s);

#endif
