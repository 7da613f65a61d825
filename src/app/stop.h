/* SIGINT, SIGTERM and SIGHUP for commands that work long: the first asks the
 * work to end, the next ends the process, unless it comes within a second:
 * timeout(1) sends one to us and, at once, another to our process group.
 *
 * The flag is the program's one mutable global: a signal handler has no other
 * way to tell. */
#ifndef APP_STOP_H
#define APP_STOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Catch the signals from here on.  Called before threads start. */
void stop_catch(void);

/* Is it meant to end the process, after a first one at first_ns? */
bool stop_is_final(uint64_t first_ns, uint64_t now_ns);

/* As a signal would. */
void stop_ask(void);

/* True once a signal came. */
const atomic_bool *stop_flag(void);

#endif
