#include "train/torchpickle.h"

#include "train/state.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

/* Objects that are met again. */
enum word {
	WORD_REBUILD,
	WORD_STORAGE,
	WORD_CPU,
	WORD_ORDERED,
	WORD_TYPE,
	WORDS = WORD_TYPE + STATE_TYPES
};

static const char *const storages[STATE_TYPES] = {
	[STATE_FP16] = "HalfStorage",  [STATE_BF16] = "BFloat16Storage",
	[STATE_FP32] = "FloatStorage", [STATE_FP64] = "DoubleStorage",
	[STATE_INT8] = "CharStorage",  [STATE_UINT8] = "ByteStorage",
};

struct pickle {
	FILE *out;
	uint32_t memo; /* objects so far that can be referred to */
	uint64_t tensors;

	/* Numbers in the memo plus one; 0: not met yet. */
	uint32_t word[WORDS], letter[128];
	uint32_t *dict; /* by item */
};

static void put(struct pickle *p, const void *data, size_t len)
{
	fwrite(data, 1, len, p->out);
}

static void op(struct pickle *p, char opcode)
{
	put(p, &opcode, 1);
}

static void put32(struct pickle *p, uint32_t v)
{
	uint32_t le = htole32(v);

	put(p, &le, sizeof(le));
}

/* BINPUT, or LONG_BINPUT: every container, string and global is numbered. */
static uint32_t remember(struct pickle *p)
{
	if (p->memo <= UINT8_MAX) {
		op(p, 'q');
		op(p, (char)p->memo);
	} else {
		op(p, 'r');
		put32(p, p->memo);
	}
	return ++p->memo;
}

/* BINGET, LONG_BINGET.  Was it met? */
static bool recall(struct pickle *p, uint32_t met)
{
	if (!met)
		return false;
	if (met - 1 <= UINT8_MAX) {
		op(p, 'h');
		op(p, (char)(met - 1));
	} else {
		op(p, 'j');
		put32(p, met - 1);
	}
	return true;
}

static uint32_t put_string(struct pickle *p, const char *text)
{
	op(p, 'X');
	put32(p, (uint32_t)strlen(text));
	put(p, text, strlen(text));
	return remember(p);
}

static void word(struct pickle *p, enum word w, const char *text)
{
	if (!recall(p, p->word[w]))
		p->word[w] = put_string(p, text);
}

/* Letters are the program's constants; numbers it makes anew each time. */
static void key(struct pickle *p, const char *text)
{
	uint32_t *met = &p->letter[text[0] & 0x7f];

	if (strlen(text) != 1 || (*text >= '0' && *text <= '9'))
		put_string(p, text);
	else if (!recall(p, *met))
		*met = put_string(p, text);
}

static void global(struct pickle *p, enum word w, const char *module,
		   const char *name)
{
	if (recall(p, p->word[w]))
		return;
	fprintf(p->out, "c%s\n%s\n", module, name);
	p->word[w] = remember(p);
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
static void storage(struct pickle *p, const struct state_item *t)
{
	char number[STATE_KEY_SIZE];

	snprintf(number, sizeof(number), "%llu",
		 (unsigned long long)p->tensors++);
	op(p, '(');
	word(p, WORD_STORAGE, "storage");
	global(p, WORD_TYPE + t->type, "torch", storages[t->type]);
	put_string(p, number);
	word(p, WORD_CPU, "cpu");
	integer(p, t->n);
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
static void tensor(struct pickle *p, const struct state_item *t)
{
	global(p, WORD_REBUILD, "torch._utils", "_rebuild_tensor_v2");
	op(p, '(');
	storage(p, t);
	integer(p, 0);
	tuple_of_one(p, t->n);
	tuple_of_one(p, 1);
	op(p, '\x89'); /* False */
	global(p, WORD_ORDERED, "collections", "OrderedDict");
	put(p, ")R", 2); /* of no arguments, called */
	remember(p);
	op(p, 't');
	remember(p);
	op(p, 'R');
	remember(p);
}

/* Items go into a dict by the thousand, but for a single one. */
#define BATCH 1000u

static size_t put_items(struct pickle *p, const struct state *s, size_t first,
			size_t n);

static uint32_t dict(struct pickle *p, const struct state *s, size_t first,
		     size_t n, size_t *end)
{
	uint32_t number;

	op(p, '}');
	number = remember(p);
	*end = put_items(p, s, first, n);
	return number;
}

/* Returns the item after it and what is in it. */
static size_t put_item(struct pickle *p, const struct state *s, size_t i)
{
	const struct state_item *item = &s->item[i];
	size_t end = i + 1;

	key(p, item->key);
	switch (item->kind) {
	case STATE_TENSOR:
		tensor(p, item);
		break;
	case STATE_DICT:
		p->dict[i] = dict(p, s, i + 1, item->n, &end);
		break;
	case STATE_SAME:
		recall(p, p->dict[item->n]);
		break;
	}
	return end;
}

static size_t put_items(struct pickle *p, const struct state *s, size_t first,
			size_t n)
{
	size_t i = first, batch;

	if (n == 1) {
		i = put_item(p, s, i);
		op(p, 's');
	}
	if (n <= 1)
		return i;
	/* After a full batch comes another, if only an empty one. */
	do {
		batch = MIN(n, BATCH);
		op(p, '(');
		for (size_t k = 0; k < batch; k++)
			i = put_item(p, s, i);
		op(p, 'u');
		n -= batch;
	} while (batch == BATCH);
	return i;
}

/* Of the outermost dict. */
static size_t count_items(const struct state *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->items; n++)
		i += 1 + (s->item[i].kind == STATE_DICT ? s->item[i].n : 0);
	return n;
}

int torchpickle_make(const struct state *s, uint8_t **out, size_t *len)
{
	AUTO_FREE uint32_t *dicts = calloc(s->items + 1, sizeof(*dicts));
	struct pickle p = { .dict = dicts };
	char *text = NULL;
	size_t end;
	bool failed;

	*out = NULL;
	if (!dicts || s->failed)
		return -ENOMEM;
	p.out = open_memstream(&text, len);
	if (!p.out)
		return -ENOMEM;
	put(&p, "\x80\2", 2); /* protocol 2 */
	dict(&p, s, 0, count_items(s), &end);
	op(&p, '.');
	failed = ferror(p.out);
	if (fclose(p.out) || failed) {
		free(text);
		return -ENOMEM;
	}
	*out = (uint8_t *)text;
	return 0;
}
