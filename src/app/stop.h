/* SIGINT, SIGTERM and SIGHUP for commands that work long: the first asks the
 * work to end, the second ends the process.
 *
 * The flag is the program's one mutable global: a signal handler has no other
 * way to tell. */
#ifndef APP_STOP_H
#define APP_STOP_H

#include <stdatomic.h>

/* Catch the signals from here on.  Called before threads start. */
void stop_catch(void);

/* As a signal would. */
void stop_ask(void);

/* True once a signal came. */
const atomic_bool *stop_flag(void);

#endif
