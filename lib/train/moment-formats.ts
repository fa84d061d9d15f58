// Which of a model's weights have moments of 8 bits where a recipe asks for them.
import type { Decoder } from '../models/decoder.js'
import type { MomentFormat } from '../optim/moments.js'
import type { Tensor } from '../tensor.js'

/**
 * The embedding's table keeps float32 moments, head or not: rare tokens have gradients in few steps, and beside them the
 * common ones set a block's scale. bitsandbytes, the library of the method's authors, does so too; the norm that they put behind
 * the table would make another model of it.
 */
export const momentFormatsOf =
  ({ embedding }: Pick<Decoder, 'embedding'>, format: MomentFormat) =>
  (parameter: Tensor): MomentFormat =>
    parameter === embedding.weight ? 'f32' : format
