// Ops whose comment does not say what they throw: each checks its arguments.
import { ReflectionKind } from 'typedoc'

/** @typedef {import('./project.mjs').Problem} Problem */

/** @param {import('typedoc').ProjectReflection} project @returns {Problem[]} */
export function withoutThrows(project) {
  const ops = project.getReflectionsByKind(ReflectionKind.CallSignature).filter((signature) => isOp(signature))
  return ops
    .filter(({ comment }) => !comment?.blockTags.some(({ tag }) => tag === '@throws'))
    .map((signature) => ({ place: placeOf(signature), text: `${signature.getFullName()}: no @throws, as an op has` }))
}

/** @param {import('typedoc').Reflection} signature */
const isOp = (signature) =>
  /(^|\/)ops\/[\w-]+\.ts$/.test(placeOf(signature)) && signature.parent?.parent?.name === 'ops'

/** @param {import('typedoc').Reflection} signature @returns {string} */
function placeOf(signature) {
  const name = /** @type {any} */ (signature).sources?.[0]?.fileName ?? ''
  return name.replace(/^(?!lib\/)/, 'lib/')
}
