/* The commands: each has a file of its own, cmd_NAME.c, and a row in main.c.
 * They return 0 or a negative errno; what went wrong has been said. */
#ifndef APP_COMMANDS_H
#define APP_COMMANDS_H

#include "app/cli.h"

int cmd_run(const struct cli *cli);
int cmd_generate(const struct cli *cli);
int cmd_mount(const struct cli *cli);
int cmd_umount(const struct cli *cli);
int cmd_train(const struct cli *cli);
int cmd_overhead(const struct cli *cli);
int cmd_stats(const struct cli *cli);
int cmd_check(const struct cli *cli);
int cmd_verify(const struct cli *cli);
int cmd_help_config(const struct cli *cli);

#endif
