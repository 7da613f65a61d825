#include "train/access.h"

#include "base/recorder.h"
#include "lib/fake_dataset.h"

#include <criterion/criterion.h>
#include <errno.h>

static struct access_setup set_up(struct fake_dataset *f)
{
	return (struct access_setup){
		.config = f->config,
		.dataset = f->dataset,
		.source = fake_source(f->source),
		.ranks = 1,
		.generated = true,
	};
}

Test(access, reads_one_pass_with_the_workload_s_readers_and_no_computation)
{
	static struct rec_figures figures;
	struct access_result result;
	struct access_setup setup;
	struct fake_dataset f;

	fake_dataset_open(&f, "dataset.num_files_train=13 reader.batch_size=4 "
			      "reader.read_threads=2 train.epochs=5 "
			      "train.computation_time=100 "
			      "reader.preprocess_time=100");
	setup = set_up(&f);
	cr_assert_eq(recorder_new(-1, &setup.recorder), 0);
	cr_assert_eq(access_run(&setup, &result), 0);
	cr_expect_eq(result.samples, 12);
	cr_expect_eq(result.bytes, 12 * dataset_size(f.dataset, 0));
	cr_expect_gt(result.check_ns, 0);
	cr_expect_geq(result.read_ns, result.check_ns);
	cr_expect_float_eq(access_samples_per_second(&result),
			   12e9 / (double)result.wall_ns, 1e-6);
	recorder_get(setup.recorder, REC_APP, REC_OPEN, &figures);
	cr_expect_eq(figures.count, 12);
	recorder_get(setup.recorder, REC_APP, REC_CLOSE, &figures);
	cr_expect_eq(figures.count, 12);
	recorder_free(setup.recorder);
	fake_dataset_close(&f);
}

Test(access, drops_the_files_it_will_read_first)
{
	struct access_result result;
	struct access_setup setup;
	struct fake_dataset f;

	fake_dataset_open(&f, "dataset.num_files_train=13 reader.batch_size=4");
	setup = set_up(&f);
	setup.drop = true;
	cr_assert_eq(access_run(&setup, &result), 0);
	cr_expect_eq(fake_source_count_of(f.source, FAKE_DROP), 12);
	fake_source_fail(f.source, FAKE_DROP, 3, -EPERM);
	cr_expect_eq(access_run(&setup, &result), -EPERM);
	fake_dataset_close(&f);
}

Test(access, passes_errors_on)
{
	struct access_result result;
	struct access_setup setup;
	struct fake_dataset f;

	fake_dataset_open(&f, "reader.read_threads=3");
	setup = set_up(&f);
	fake_source_fail(f.source, FAKE_READ, 20, -EIO);
	cr_expect_eq(access_run(&setup, &result), -EIO);
	fake_dataset_close(&f);
}

Test(access, refuses_a_loader_that_reads_nothing)
{
	struct access_result result;
	struct access_setup setup;
	struct fake_dataset f;

	fake_dataset_open(&f, "reader.data_loader=synthetic");
	setup = set_up(&f);
	cr_expect_eq(access_run(&setup, &result), -EINVAL);
	fake_dataset_close(&f);
}

Test(access, has_no_rate_before_it_ran)
{
	struct access_result none = { 0 };

	cr_expect_eq(access_samples_per_second(&none), 0);
}
