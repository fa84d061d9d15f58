// Names of weights in a checkpoint, by our parameters' paths.
import type { Family } from './families/index.js'

const kTopNames: Record<string, string> = {
  'embedding.weight': 'model.embed_tokens.weight',
  'norm.weight': 'model.norm.weight',
  head: 'lm_head.weight',
}

/** 'layers.0.mlp.up.weight' → 'model.layers.0.mlp.up_proj.weight' */
export function checkpointName(path: string, { layerNames }: Pick<Family, 'layerNames'>): string {
  const top = kTopNames[path]
  if (top !== undefined) return top
  const [, layer, part, kind] = /^layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(path) ?? []
  const name = part === undefined ? undefined : layerNames[part]
  if (name === undefined) throw new Error(`no checkpoint name for parameter ${path}`)
  return `model.layers.${layer}.${name}.${kind}`
}
