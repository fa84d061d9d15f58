import { describe, expect, test } from 'vitest'
import { nn, ops, type Tensor, tensor } from '../../lib/index.js'

class Tower extends nn.Module {
  readonly blocks = [new nn.Linear({ in: 2, out: 3 }), new nn.Linear({ in: 3, out: 2, hasBias: false })]
  readonly norm = new nn.RmsNorm({ width: 2 })
  readonly tied = this.blocks[0]?.weight as Tensor
  readonly label = 'not a parameter'

  forward(x: Tensor): Tensor {
    return this.norm.forward(this.blocks.reduce((h, block) => block.forward(h), x))
  }
}

describe('Module', () => {
  test('names parameters by their path and lists tied ones once', () => {
    const tower = new Tower()
    expect([...tower.namedParameters().keys()]).toEqual([
      'blocks.0.weight',
      'blocks.0.bias',
      'blocks.1.weight',
      'norm.weight',
      'tied',
    ])
    expect(tower.parameters().length).toBe(4)
    expect(tower.tied.name).toBe('blocks.0.weight')
  })

  test('gradients reach every parameter', () => {
    const tower = new Tower()
    ops.sum(tower.forward(tensor([[1, 2]]))).backward()
    expect(tower.parameters().every((parameter) => parameter.grad !== null)).toBe(true)
  })

  test('dispose frees the parameters', () => {
    const tower = new Tower()
    const parameters = tower.parameters()
    tower.dispose()
    expect(parameters.every((parameter) => parameter.isDisposed)).toBe(true)
  })

  test('two layers of one size start with different values, and a seed fixes them', async () => {
    const init = nn.normalInit(3)
    const again = nn.normalInit(3)
    const make = (from: nn.Init) => new nn.Linear({ in: 4, out: 4, init: from }).weight.toArray()
    const [a, b, c] = await Promise.all([make(init), make(init), make(again)])
    expect(a).not.toEqual(b)
    expect(a).toEqual(c)
  })
})
