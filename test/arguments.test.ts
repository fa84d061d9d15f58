// What JavaScript may pass where no compiler looks: a mistyped key and a missing argument are told of at the call, by name.
import { describe, expect, it } from 'vitest'
import { checkOptions, type OptionKeys } from '../lib/arguments.js'
import { AdamW, ArgumentError, device, full, nn, noGrad, ops, scope, tensor, zeros } from '../lib/index.js'

// biome-ignore lint/suspicious/noExplicitAny: a caller without types
const untyped: any = { ...ops, ...nn, ...device, AdamW, defineOp: undefined, full, noGrad, scope, tensor, zeros }
const { attention, grpoLoss, rmsNorm, sum } = untyped

const x = tensor([1, 2])
const refused = (fn: () => unknown): string => {
  try {
    fn()
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError)
    return (error as Error).message
  }
  return 'nothing was thrown'
}

describe('an options object', () => {
  const keys: OptionKeys<{ temperature?: number; topK?: number }> = { temperature: true, topK: true }

  it('may have known keys, all of them or none', () => {
    checkOptions('draw', {}, keys)
    checkOptions('draw', { temperature: 1, topK: 5 }, keys)
  })

  it.each([
    [{ temprature: 1 }, '[draw] unknown key "temprature" in options; did you mean "temperature"?'],
    [{ size: 1 }, '[draw] unknown key "size" in options; known are temperature, topK'],
    [{ toString: 1 }, '[draw] unknown key "toString" in options; known are temperature, topK'],
    [undefined, '[draw] expected an object for options, got undefined'],
    [null, '[draw] expected an object for options, got null'],
    [3, '[draw] expected an object for options, got 3'],
  ])('%j is refused', (options, message) => {
    expect(refused(() => checkOptions('draw', options as object, keys))).toBe(message)
  })

  it('made without a prototype, as a parser may make it, is one like any other', () => {
    checkOptions('draw', Object.assign(Object.create(null), { topK: 1 }), keys)
  })
})

describe('tensors and their makers', () => {
  it.each([
    [() => sum(undefined), '[sum] expected a tensor for x, got undefined'],
    [() => untyped.exp(3), '[exp] expected a tensor for x, got 3'],
    [() => untyped.add(x), '[add] expected a tensor or a number for b, got undefined'],
    [() => untyped.less(x, '3'), '[less] expected a tensor or a number for b, got "3"'],
    [() => untyped.where(x, x), '[where] expected a tensor for b, got undefined'],
    [() => untyped.linear(x, x, 3), '[linear] expected a tensor or nothing for bias, got 3'],
    [() => untyped.clamp(x, 'a', 1), '[clamp] expected a number for low, got "a"'],
    [() => untyped.copy(x), '[copy] expected a tensor for source, got undefined'],
    [() => untyped.gradientNorm([null]), '[gradient_norm] expected a tensor for gradient, got null'],
    [() => attention(x, x, x), '[attention] expected an object for options, got undefined'],
    [() => attention(x, x, x, {}), '[attention] expected a tensor for cuSeqlens, got undefined'],
    [() => rmsNorm(x, x, { eps: 1 }), '[rms_norm] unknown key "eps" in options; known are epsilon'],
    [() => untyped.tokenLogprob(x, x), '[token_logprob] expected a tensor for targets, got undefined'],
    [() => grpoLoss(), '[grpo_loss] expected an object for inputs, got undefined'],
    [() => grpoLoss({ masks: x }), '[grpo_loss] unknown key "masks" in inputs; did you mean "mask"?'],
    [() => grpoLoss({}, { clipHi: 1 }), '[grpo_loss] unknown key "clipHi" in options; did you mean "clipHigh"?'],
    [() => grpoLoss({}), '[grpo_loss] expected a tensor for policyLogprobs, got undefined'],
    [() => untyped.adamwStep([], null, { learningRate: 1 }), '[adamw_step] expected a number for beta1, got undefined'],
    [() => zeros([1.5]), '[zeros] expected whole numbers from 0 for shape, got [1.5]'],
    [() => zeros([2, -1]), '[zeros] expected whole numbers from 0 for shape, got [2, -1]'],
    [() => untyped.zeros(), '[zeros] expected an array for shape, got undefined'],
    [() => untyped.zeros([1], { devise: 'cpu' }), '[zeros] unknown key "devise" in options; did you mean "device"?'],
    [() => untyped.zeros([1], { dtype: 'f16' }), '[zeros] expected f32, bf16, i32 or u8 for dtype, got "f16"'],
    [() => untyped.full([1], 'a'), '[full] expected a number for value, got "a"'],
    [() => untyped.tensor(), '[tensor] expected an array for data, got undefined'],
    [() => untyped.tensor(['a']), '[tensor] expected numbers or arrays of them for data, got "a" among them'],
    [() => untyped.tensor([1, '2']), '[tensor] expected numbers or arrays of them for data, got "2" among them'],
    [() => untyped.tensor([1, [2]]), '[tensor] expected rows of equal length, as in [2], got ragged arrays'],
    [() => untyped.tensor([[1], 'b']), '[tensor] expected numbers or arrays of them for data, got "b" among them'],
    [() => untyped.tensor([1], { shap: [1] }), '[tensor] unknown key "shap" in options; did you mean "shape"?'],
    [() => untyped.scope(), '[scope] expected a function for fn, got undefined'],
    [() => untyped.noGrad(3), '[noGrad] expected a function for fn, got 3'],
    [() => untyped.trim({ devise: 'cpu' }), '[trim] unknown key "devise" in options; did you mean "device"?'],
    [() => untyped.setNumThreads('2'), '[setNumThreads] expected a whole number from 1 to 1024 for count, got "2"'],
  ])('%s', (fn, message) => {
    expect(refused(fn)).toBe(message)
  })

  it('a module says which size it lacks', () => {
    expect(refused(() => new untyped.Linear({ in: 3 }))).toBe(
      '[Linear] expected a whole number from 1 for out, got undefined',
    )
    expect(refused(() => new untyped.Linear({ in: 3, out: 2, bias: false }))).toContain('unknown key "bias" in options')
    expect(refused(() => new untyped.RmsNorm())).toBe('[RmsNorm] expected an object for options, got undefined')
  })
})

describe('AdamW', () => {
  const parameter = tensor([1], { requiresGrad: true })

  it.each([
    [undefined, '[adamw] expected an object for options, got undefined'],
    [{}, '[adamw] expected a finite number of at least 0 for learningRate, got undefined'],
    [{ lr: 1 }, '[adamw] unknown key "lr" in options; known are learningRate, beta1, beta2, epsilon'],
    [{ learning_rate: 1 }, '[adamw] unknown key "learning_rate" in options; did you mean "learningRate"?'],
    [{ learningRate: -1 }, '[adamw] expected a finite number of at least 0 for learningRate, got -1'],
    [{ learningRate: '1' }, '[adamw] expected a finite number of at least 0 for learningRate, got "1"'],
    [{ learningRate: Number.NaN }, '[adamw] expected a finite number of at least 0 for learningRate, got NaN'],
    [{ learningRate: 1, beta2: 1 }, '[adamw] expected a number from 0 to below 1 for beta2, got 1'],
    [{ learningRate: 1, epsilon: 0 }, '[adamw] expected a finite number above 0 for epsilon, got 0'],
    [
      { learningRate: 1, weightDecay: -0.1 },
      '[adamw] expected a finite number of at least 0 for weightDecay, got -0.1',
    ],
    [{ learningRate: 1, moments: '4bit' }, '[adamw] expected f32, 8bit or a function for moments, got "4bit"'],
  ])('refuses %j when it is made', (options, message) => {
    expect(refused(() => new untyped.AdamW([parameter], options))).toContain(message)
  })

  it('takes a list of tensors, and nothing else', () => {
    const options = { learningRate: 1 }
    expect(refused(() => new untyped.AdamW(parameter, options))).toBe(
      '[adamw] expected a list of tensors for parameters, got an object',
    )
    expect(refused(() => new untyped.AdamW([3], options))).toBe('[adamw] expected a tensor for each parameter, got 3')
    expect(new AdamW(new Set([parameter]), options).parameters).toEqual([parameter])
  })

  it('refuses a bad rate or clipping at the step that has it', () => {
    const optimizer = new AdamW([parameter], { learningRate: 1 })
    ops.sum(parameter).backward()
    expect(refused(() => optimizer.step({ maxGradNrm: 1 } as object))).toContain('did you mean "maxGradNorm"?')
    optimizer.learningRate = -1
    expect(refused(() => optimizer.step())).toContain('for learningRate, got -1')
  })
})
