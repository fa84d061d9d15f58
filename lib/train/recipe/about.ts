// What every recipe of a training run begins with.
import { z } from 'zod'

export const aboutKeys = {
  name: z.string().regex(/^[\w.-]+$/, 'letters, digits, ".", "_" or "-"'),
  seed: z.int().min(0).default(1),
  device: z
    .string()
    .regex(/^(cpu|cuda(:\d+)?)$/, 'cpu, cuda or cuda:<number>')
    .default('cpu'),
  dtype: z.enum(['f32', 'bf16']).default('f32'),
}
