#include "train/torchpickle.h"

#include <endian.h>
#include <string.h>

struct pickle {
	uint8_t *out;
	size_t len;
	uint8_t memo; /* objects so far that can be referred to */
};

static void put(struct pickle *p, const void *data, size_t len)
{
	memcpy(p->out + p->len, data, len);
	p->len += len;
}

static void op(struct pickle *p, char opcode)
{
	put(p, &opcode, 1);
}

/* BINPUT: every container, string and global is numbered. */
static void remember(struct pickle *p)
{
	op(p, 'q');
	put(p, &p->memo, 1);
	p->memo++;
}

static void string(struct pickle *p, const char *text)
{
	uint32_t len = htole32((uint32_t)strlen(text));

	op(p, 'X');
	put(p, &len, sizeof(len));
	put(p, text, strlen(text));
	remember(p);
}

static void global(struct pickle *p, const char *module, const char *name)
{
	op(p, 'c');
	put(p, module, strlen(module));
	op(p, '\n');
	put(p, name, strlen(name));
	op(p, '\n');
	remember(p);
}

/* The shortest opcode that holds it: BININT1, BININT2, BININT, LONG1. */
static void integer(struct pickle *p, uint64_t v)
{
	uint64_t le = htole64(v);
	uint8_t bytes = 1;

	if (v <= UINT8_MAX) {
		op(p, 'K');
		put(p, &le, 1);
	} else if (v <= UINT16_MAX) {
		op(p, 'M');
		put(p, &le, 2);
	} else if (v <= INT32_MAX) {
		op(p, 'J');
		put(p, &le, 4);
	} else {
		/* Two's complement: the highest bit is the sign. */
		while (bytes < 8 && v >> (8 * bytes - 1))
			bytes++;
		op(p, '\x8a');
		put(p, &bytes, 1);
		put(p, &le, bytes);
	}
}

/* A persistent id names the member with the bytes. */
static void storage(struct pickle *p, uint64_t bytes)
{
	op(p, '(');
	string(p, "storage");
	global(p, "torch", "CharStorage");
	string(p, "0");
	string(p, "cpu");
	integer(p, bytes);
	op(p, 't');
	remember(p);
	op(p, 'Q');
}

static void tuple_of_one(struct pickle *p, uint64_t v)
{
	integer(p, v);
	op(p, '\x85');
	remember(p);
}

/* _rebuild_tensor_v2(storage, offset, shape, stride, requires_grad, hooks) */
static void tensor(struct pickle *p, uint64_t bytes)
{
	global(p, "torch._utils", "_rebuild_tensor_v2");
	op(p, '(');
	storage(p, bytes);
	integer(p, 0);
	tuple_of_one(p, bytes);
	tuple_of_one(p, 1);
	op(p, '\x89'); /* False */
	global(p, "collections", "OrderedDict");
	put(p, ")R", 2); /* of no arguments, called */
	remember(p);
	op(p, 't');
	remember(p);
	op(p, 'R');
	remember(p);
}

size_t torchpickle_flat(uint64_t tensor_bytes, uint8_t out[TORCHPICKLE_SIZE])
{
	struct pickle p = { .out = out };

	put(&p, "\x80\2}", 3); /* protocol 2, an empty dict */
	remember(&p);
	string(&p, "a");
	tensor(&p, tensor_bytes);
	put(&p, "s.", 2); /* set the item; the end */
	return p.len;
}
