/* Faults between us and s3:// on OpenStack Swift.
 * servers: swift */
#include "backends/s3.h"
#include "lib/remote_faults.h"

static const struct remote_words words = {
	.server = "swift",
	.ops = &s3_ops,
	.account = "",
	.list = "list-type=2",
	.part = "partNumber=",
	.complete_method = "POST",
	.complete = "uploadId=",
	.end_is_document = true,
};

REMOTE_FAULTS(faults_swift, words)
