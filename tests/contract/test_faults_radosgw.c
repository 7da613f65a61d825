/* Faults between us and s3:// on Ceph's RADOS Gateway.
 * servers: radosgw */
#include "backends/s3.h"
#include "lib/remote_faults.h"

static const struct remote_words words = {
	.server = "radosgw",
	.ops = &s3_ops,
	.account = "",
	.list = "list-type=2",
	.part = "partNumber=",
	.complete_method = "POST",
	.complete = "uploadId=",
	.end_is_document = true,
};

REMOTE_FAULTS(faults_radosgw, words)
