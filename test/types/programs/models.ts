import {
  ArgumentError,
  createModel,
  type Decoder,
  FileFormatError,
  LengthenError,
  loadModel,
  nn,
  OutOfMemoryError,
  ops,
  pack,
  RecipeError,
  saveModel,
  type Tensor,
  Tokenizer,
} from '../../../lib/index.js'
import { some, typed } from './typed.js'

const { model, tokenizer } = await loadModel('./my-model')
typed(model).is<Decoder>()
typed(tokenizer).is<Tokenizer>()
await loadModel('./my-model', { dtype: 'bf16', vectorDtype: 'f32', device: 'cpu' })
// @ts-expect-error the answer is a promise
void loadModel('./my-model').model
// @ts-expect-error a folder, not a list of files
loadModel(['model.safetensors'])
typed(saveModel('./trained', { model, tokenizer })).is<Promise<void>>()

typed(model.parameters()).is<Tensor[]>()
const hidden = model.forward(pack([[1, 2, 3]]))
typed(hidden).is<Tensor>()
typed(ops.tokenLogprob(hidden, model.head, hidden).entropy).is<Tensor>()
// @ts-expect-error sequences are lists of numbers
pack(['abc'])

const shape = { vocabularySize: 8, width: 32, feedForwardWidth: 48, numLayers: 1, numHeads: 2 }
using made = createModel(shape, { seed: 1 })
typed(made).is<Decoder>()
// @ts-expect-error a model from nothing has a seed
createModel(shape, {})
// @ts-expect-error a model has layers
createModel({ vocabularySize: 8, width: 32, feedForwardWidth: 48, numHeads: 2 }, { seed: 1 })

typed(tokenizer.encode('2+2=')).is<number[]>()
typed(tokenizer.decode([1, 2])).is<string>()
typed(Tokenizer.load('./my-model')).is<Promise<Tokenizer>>()

class Scale extends nn.Module {
  readonly weight: Tensor = some<Tensor>()
  forward(x: Tensor): Tensor {
    return ops.mul(x, this.weight)
  }
}
typed(new Scale().forward(hidden)).is<Tensor>()

// What is thrown is told apart by its class, or by `code`.
export function where(error: unknown): string | undefined {
  if (error instanceof RecipeError) return `${error.file}:${error.line}: ${error.key}`
  if (error instanceof FileFormatError) return error.place
  if (error instanceof OutOfMemoryError) return `${error.askedBytes}`
  if (error instanceof ArgumentError) return error.message
  return error instanceof LengthenError ? error.code : undefined
}
