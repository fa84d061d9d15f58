// Puts adapters on a decoder, and finds them again.

import { requireObjects } from '../../arguments.js'
import { ArgumentError } from '../../errors.js'
import { LoraAdapter } from '../../nn/lora.js'
import { withoutScope } from '../../scope.js'
import type { Tensor } from '../../tensor.js'
import type { Decoder } from '../decoder.js'
import { type LoraConfig, type LoraOptions, loraConfig, pathOf, projectionOf, scaleOf } from './config.js'

/**
 * Freezes every weight of the model and puts an adapter on each projection that the options name. The model computes what it
 * did before until the adapters learn: `b` begins at zero. They are the model's own from then on, and go with its dispose().
 *
 * @throws {@link ArgumentError} for a model that has adapters, or an option out of range
 */
export function applyLora(model: Decoder, options: LoraOptions): LoraConfig {
  requireObjects('lora', { model })
  const config = loraConfig(options)
  if (model.lora) throw new ArgumentError('[lora] expected a model without adapters, got one that has some')
  for (const parameter of model.parameters()) parameter.requiresGrad = false
  withoutScope(() => putAdapters(model, config, options.seed ?? 0))
  model.lora = config
  model.namedParameters() // gives each its name
  return config
}

/** Adapters by the path of their projection: 'layers.0.mlp.up'. */
export function adaptersOf(model: Decoder): Map<string, LoraAdapter> {
  const found = new Map<string, LoraAdapter>()
  for (const [i, layer] of model.layers.entries())
    for (const target of model.lora?.targets ?? []) {
      const { lora } = projectionOf(layer, target)
      if (lora) found.set(`layers.${i}.${pathOf(target)}`, lora)
    }
  return found
}

/**
 * What training changes, the parameters that require a gradient, by the names that checkpoints use: the adapters
 * ('layers.0.mlp.up.lora.a' and '….b') where there are any, else every parameter once, by its first path.
 */
export function trainableWeightsOf(model: Decoder): Map<string, Tensor> {
  requireObjects('lora', { model })
  const seen = new Set<Tensor>()
  const named = [...model.namedParameters()].filter(([, { requiresGrad }]) => requiresGrad)
  return new Map(named.filter(([, parameter]) => !seen.has(parameter) && seen.add(parameter)))
}

/** The adapters' own tensors, by their paths ('layers.0.mlp.up.lora.a'), whether they train or not. */
export const adapterTensors = (model: Decoder): Map<string, Tensor> =>
  new Map([...model.namedParameters()].filter(([path]) => isAdapterPath(path)))

/** Of a path in namedParameters(): whether it is an adapter's, not one of the model's own weights. */
export const isAdapterPath = (path: string): boolean => path.includes('.lora.')

function putAdapters(model: Decoder, config: LoraConfig, seed: number): void {
  const { rank, dropout } = config
  const { device } = model.head
  let site = 0
  for (const [i, layer] of model.layers.entries())
    for (const target of config.targets) {
      const projection = projectionOf(layer, target)
      const [out = 0, width = 0] = projection.weight.shape
      const name = `layers.${i}.${pathOf(target)}`
      const size = { in: width, out, rank, scale: scaleOf(config) }
      projection.lora = new LoraAdapter({ ...size, dropout, seed, name, site: site++, device })
    }
}
