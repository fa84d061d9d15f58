// The pool that everything in this process shares.
import { GraderPool } from './grader-pool.js'

let pool: GraderPool | undefined

/** Made on the first call; its workers start with the first pairs, and keep no program alive. */
export function sharedGraderPool(): GraderPool {
  if (!pool || pool.isDisposed) pool = new GraderPool()
  return pool
}
