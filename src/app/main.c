#include <stdio.h>

int main(void)
{
	puts("dliofs " DLIOFS_VERSION " (libfuse: " DLIOFS_LIBFUSE ")");
	return 0;
}
