#include "train/sampler.h"

#include "base/log.h"

int sampler_init(struct sampler *s, const struct sampler_setup *setup)
{
	uint64_t samples, step, files = setup->files;

	*s = (struct sampler){ 0 };
	if (!setup->samples_per_file || !setup->batch || !setup->ranks)
		return log_invalid("a batch and a file need at least one "
				   "sample, and a run one rank");
	if (__builtin_mul_overflow(setup->batch, setup->ranks, &step) ||
	    __builtin_mul_overflow(files, setup->samples_per_file, &samples))
		return log_invalid("too many samples to number");
	s->samples_per_file = setup->samples_per_file;
	s->batch = setup->batch;
	if (setup->strict) {
		uint64_t unit;

		if (__builtin_mul_overflow(step, s->samples_per_file, &unit))
			return 0; /* more than there can be files: no steps */
		samples = round_down(files, unit) * s->samples_per_file;
	}
	s->batches = samples / step;
	s->first = setup->rank * s->batches * s->batch;
	samples = s->batches * step;
	s->files = samples / s->samples_per_file +
		   (samples % s->samples_per_file != 0);
	return 0;
}

uint64_t sampler_expected_steps(const struct sampler_setup *setup, int64_t cap)
{
	uint64_t steps = setup->files * setup->samples_per_file / setup->batch /
			 setup->ranks;

	return cap > 0 ? MIN(steps, (uint64_t)cap) : steps;
}
