#include "app/stop.h"

#include "base/util.h"

#include <criterion/criterion.h>
#include <signal.h>

Test(stop, is_asked_for_by_a_signal_and_the_process_goes_on)
{
	stop_catch();
	cr_assert_not(*stop_flag());
	raise(SIGTERM);
	cr_expect(*stop_flag());
}

Test(stop, tells_a_second_wish_from_the_same_one_sent_twice)
{
	const uint64_t first = 1234567890;

	cr_expect_not(stop_is_final(first, first));
	cr_expect_not(stop_is_final(first, first + NS_PER_SEC - 1));
	cr_expect(stop_is_final(first, first + NS_PER_SEC));
}
