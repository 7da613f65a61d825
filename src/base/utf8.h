/* UTF-8 text that comes from outside: file names may hold any bytes, and what
 * we write about them must still be JSON or XML.  No state; any thread. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/util.h"

/* Written in the place of a byte that is no UTF-8: U+FFFD. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* Bytes (1 … 4) of the character that a string begins with; 0 if it begins with
 * none: Unicode 15, table 3-7 (no overlong forms, no surrogates, nothing above
 * U+10FFFF).  1 for the string's end. */
size_t utf8_length(const char *text);

#endif
