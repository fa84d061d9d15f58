// What every recipe of a training run begins with.
import { z } from 'zod'

export const aboutKeys = {
  /** What reports call the run, and what its directory is called where none is given: `runs/NAME-1`, then -2 and so on. */
  name: z.string().regex(/^[\w.-]+$/, 'letters, digits, ".", "_" or "-"'),
  /** Of all that is random: first weights, generated problems, the order of the data, what is sampled. 1 where left out. */
  seed: z.int().min(0).default(1),
  /** Where the model lives: cpu, cuda (the same as cuda:0) or `cuda:N`, N from 0 to 9. cpu where left out; one that is not there is refused. */
  device: z
    .string()
    .regex(/^(cpu|cuda(:\d)?)$/, 'cpu, cuda or cuda:N')
    .default('cpu'),
  /** What is computed and trained in; f32 where left out. bf16 is refused with an UnsupportedError: this version does not train in it. */
  dtype: z.enum(['f32', 'bf16']).default('f32'),
}
