// How far a recipe is shrunk: one factor for each of its measures, so that what stood in a proportion still does. Pure.
import { longestOf } from '../limits.js'
import type { Recipe } from '../schema.js'

export interface Scale {
  /** Of an answer or a part of one. */
  tokens(count: number): number
  /** Answers to a prompt. */
  answers(count: number): number
  /** Steps of every stage. */
  stageSteps: number
  /** A number of steps of the run, such as a warm-up. 0 stays 0. */
  runSteps(count: number): number
  rate(rate: number): number
}

/** Answers of the longest stage. */
export const longestTokens = 32
/** Of so few answers some are right now and then, and others wrong. */
const fewestAnswers = 4
const mostAnswers = 6
const fewestSteps = 3
/** A model of this size takes larger steps; with a large model's its numbers would hardly move. */
const learningRate = 1e-3

export function scaleOf({ schedule, rollout, optimizer }: Recipe): Scale {
  const { stages } = schedule
  const tokens = Math.min(1, longestTokens / longestOf(schedule))
  const answers = Math.min(1, mostAnswers / Math.max(...stages.map((stage) => stage.numAnswers ?? rollout.numAnswers)))
  const stageSteps = Math.ceil(fewestSteps / stages.length)
  const run = Math.min(1, (stageSteps * stages.length) / stepsOf(schedule))
  const rate = optimizer.learningRate > 0 ? Math.max(1, learningRate / optimizer.learningRate) : 1
  return {
    tokens: scaled(tokens),
    answers: (count) => Math.min(count, Math.max(fewestAnswers, Math.round(count * answers))),
    stageSteps,
    runSteps: (count) => (count === 0 ? 0 : scaled(run)(count)),
    rate: (given) => given * rate,
  }
}

/** Of the stages that say; a stage that ends by its conditions counts as much as the others, and a thousand where none says. */
function stepsOf({ stages }: Recipe['schedule']): number {
  const given = stages.flatMap(({ until }) => until?.steps ?? [])
  if (given.length === 0) return 1000
  return (given.reduce((sum, steps) => sum + steps, 0) * stages.length) / given.length
}

const scaled =
  (factor: number) =>
  (count: number): number =>
    Math.max(1, Math.round(count * factor))
