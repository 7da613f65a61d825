#!/usr/bin/python3
"""Another's client, to see and prepare what is on a server.

	client.py ENV make		make the bucket
	client.py ENV list [PREFIX]	names and sizes of the objects
	client.py ENV pending [PREFIX]	names that an upload was begun for
	client.py ENV parts [PREFIX]	the same, if it holds some
	client.py ENV begin NAME	an upload, and leave it
	client.py ENV put NAME < DATA
	client.py ENV get NAME > DATA
	client.py ENV remove NAME
	client.py ENV clear PREFIX	remove all objects there
	client.py ENV named PREFIX NAME...
			put objects that hold their names; those that the
			server does not take are printed

ENV is what the servers' scripts leave (lib.sh)."""
import os
import sys

for name in list(os.environ):
    if name.lower().endswith("_proxy"):
        del os.environ[name]


class S3:
    def __init__(self, env):
        import boto3
        from botocore.config import Config
        self.bucket = env["SERVER_BUCKET"]
        self.s3 = boto3.client(
            "s3", endpoint_url=env["SERVER_URL"], region_name="us-east-1",
            aws_access_key_id=env["SERVER_USER"],
            aws_secret_access_key=env["SERVER_SECRET"],
            config=Config(s3={"addressing_style": "path"}))

    def make(self):
        self.s3.create_bucket(Bucket=self.bucket)

    def list(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
            for o in page.get("Contents", []):
                yield o["Key"], o["Size"]

    def pending(self, prefix):
        pages = self.s3.get_paginator("list_multipart_uploads")
        for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
            for u in page.get("Uploads", []):
                yield u["Key"]

    def parts(self, prefix):
        pages = self.s3.get_paginator("list_multipart_uploads")
        for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
            for u in page.get("Uploads", []):
                if self.s3.list_parts(Bucket=self.bucket, Key=u["Key"],
                                      UploadId=u["UploadId"]).get("Parts"):
                    yield u["Key"]

    def begin(self, name):
        self.s3.create_multipart_upload(Bucket=self.bucket, Key=name)

    def put(self, name, data):
        self.s3.put_object(Bucket=self.bucket, Key=name, Body=data)

    def get(self, name):
        return self.s3.get_object(Bucket=self.bucket, Key=name)["Body"].read()

    def remove(self, name):
        self.s3.delete_object(Bucket=self.bucket, Key=name)


class Azure:
    def __init__(self, env, tls=False):
        from azure.storage.blob import BlobServiceClient
        url = env["SERVER_TLS_URL" if tls else "SERVER_URL"]
        service = BlobServiceClient(
            url, credential=env["SERVER_SECRET"],
            connection_verify=env["SERVER_CA"])
        self.container = service.get_container_client(env["SERVER_BUCKET"])

    def make(self):
        self.container.create_container()

    def list(self, prefix):
        for b in self.container.list_blobs(name_starts_with=prefix):
            yield b.name, b.size

    def pending(self, prefix):
        for b in self.container.list_blobs(name_starts_with=prefix,
                                           include=["uncommittedblobs"]):
            blob = self.container.get_blob_client(b.name)
            if blob.get_block_list("uncommitted")[1]:
                yield b.name

    parts = pending

    def begin(self, name):
        self.container.get_blob_client(name).stage_block("MDAw", b"part")

    def put(self, name, data):
        self.container.upload_blob(name, data, overwrite=True)

    def get(self, name):
        return self.container.download_blob(name).readall()

    def remove(self, name):
        self.container.delete_blob(name)


def put_named(store, prefix, names):
    for name in names:
        try:
            store.put(prefix + name, name.encode())
        except Exception:  # a client has many ways to say no
            print(name)


def main(env_file, word, name="", *more):
    with open(env_file) as f:
        env = dict(line.rstrip("\n").split("=", 1) for line in f)
    azure = env["SERVER_USER"] == "devstoreaccount1"
    store = (Azure if azure else S3)(env)
    if word == "make":
        store.make()
        if azure:  # these are two servers
            Azure(env, tls=True).make()
    elif word == "list":
        for name, size in store.list(name):
            print(name, size)
    elif word in ("pending", "parts"):
        for name in getattr(store, word)(name):
            print(name)
    elif word == "begin":
        store.begin(name)
    elif word == "put":
        store.put(name, sys.stdin.buffer.read())
    elif word == "get":
        sys.stdout.buffer.write(store.get(name))
    elif word == "clear":
        for name, _ in list(store.list(name)):
            store.remove(name)
    elif word == "named":
        put_named(store, name, more)
    elif word == "remove":
        store.remove(name)
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
