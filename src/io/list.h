/* Doubly linked lists of structs that embed a link: first in, first out, and
 * out from anywhere.  A link that is in no list is zero. */
#ifndef IO_LIST_H
#define IO_LIST_H

#include "base/util.h"

struct link {
	struct link *next, *before;
};

/* A list is a link, too: its first is next, its last before. */
static inline void list_init(struct link *list)
{
	list->next = list->before = list;
}

static inline bool list_is_empty(const struct link *list)
{
	return list->next == list;
}

/* NULL: there is none. */
static inline struct link *list_first(const struct link *list)
{
	return list_is_empty(list) ? NULL : list->next;
}

static inline struct link *list_last(const struct link *list)
{
	return list_is_empty(list) ? NULL : list->before;
}

static inline bool list_has(const struct link *l)
{
	return l->next;
}

static inline void list_put_after(struct link *where, struct link *l)
{
	l->before = where;
	l->next = where->next;
	where->next->before = l;
	where->next = l;
}

static inline void list_put_first(struct link *list, struct link *l)
{
	list_put_after(list, l);
}

static inline void list_put_last(struct link *list, struct link *l)
{
	list_put_after(list->before, l);
}

/* Also one that is in no list. */
static inline void list_take(struct link *l)
{
	if (!l->next)
		return;
	l->before->next = l->next;
	l->next->before = l->before;
	l->next = l->before = NULL;
}

#endif
