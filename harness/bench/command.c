#include "../command.h"
int command_bench(int argc, char **argv){(void)argc;(void)argv;return lab_fail("soon");}
