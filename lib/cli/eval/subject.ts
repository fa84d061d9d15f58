// The model under test: a folder of ours, or what a server has.
import type { NumberedRow } from '../../data/rows.js'
import { ArgumentError } from '../../errors.js'
import type { AnsweringModel } from '../../eval/answering-model.js'
import { localModel } from '../../eval/local-model.js'
import { serverModel } from '../../eval/openai/server-model.js'
import type { Protocol, ResultAbout } from '../../eval/result-record.js'
import { RolloutEngine } from '../../rollout/engine.js'
import { UsageError } from '../failure.js'
import { requireFit } from '../fitting-rows.js'
import { modelIdentity, modelName } from '../model-identity.js'
import { openModel, requirePositions } from '../open-model.js'
import type { Asked, EvalFlags } from './asked.js'

export interface Subject extends Disposable {
  model: AnsweringModel
  about: ResultAbout['model']
  protocol: Protocol
}

export interface ReadSets {
  file: string
  rows: readonly NumberedRow[]
}

const mostTokensByDefault = 2048

export async function openSubject(
  { model, protocol }: Asked,
  { flags, sets, signal }: { flags: EvalFlags; sets: readonly ReadSets[]; signal: AbortSignal },
): Promise<Subject> {
  if ('server' in model) return serverSubject(model, protocol, flags)
  return localSubject(model.path, protocol, { flags, sets, signal })
}

function serverSubject(
  { server, name }: { server: string; name: string },
  protocol: Asked['protocol'],
  flags: EvalFlags,
): Subject {
  const { keyFrom, concurrency, timeout, retries, perRequest } = flags
  const key = process.env[keyFrom] || undefined
  const limits = { concurrency, timeoutMs: timeout * 1000, numRetries: retries, samplesPerRequest: perRequest }
  const model = orUsageError(() => serverModel({ address: server, model: name, key, ...limits }))
  return {
    model,
    about: { name, server: model.url },
    protocol: { ...protocol, maxResponseTokens: protocol.maxResponseTokens ?? mostTokensByDefault },
    [Symbol.dispose]: () => {},
  }
}

function orUsageError<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw error instanceof ArgumentError ? new UsageError(error.message) : error
  }
}

async function localSubject(
  path: string,
  asked: Asked['protocol'],
  { flags, sets, signal }: { flags: EvalFlags; sets: readonly ReadSets[]; signal: AbortSignal },
): Promise<Subject> {
  const opened = await openModel(path)
  try {
    signal.throwIfAborted()
    const { model, tokenizer } = opened
    requirePositions(asked.maxResponseTokens, model)
    const byDefault = Math.min(mostTokensByDefault, model.config.maxPositions >> 1)
    const protocol = { ...asked, maxResponseTokens: asked.maxResponseTokens ?? byDefault }
    const fit = {
      turn: protocol.turn,
      maxResponseTokens: protocol.maxResponseTokens,
      maxTokens: asked.maxResponseTokens,
    }
    for (const set of sets) await requireFit(set, opened, { ...fit, signal })
    const engine = new RolloutEngine(model, tokenizer, { maxBatch: flags.batch })
    const about = flags.out === undefined ? { name: modelName(path) } : await modelIdentity(path)
    return {
      model: localModel({ engine, tokenizer }),
      about,
      protocol,
      [Symbol.dispose]: () => opened[Symbol.dispose](),
    }
  } catch (error) {
    opened[Symbol.dispose]()
    throw error
  }
}
