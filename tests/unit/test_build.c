#include <criterion/criterion.h>

#include <unistd.h>

Test(build, leaves_a_program_and_its_second_name)
{
	cr_expect_eq(access(DLIOFS_BINARY, X_OK), 0, "%s", DLIOFS_BINARY);
}
