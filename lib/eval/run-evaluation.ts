// An evaluation from end to end: what is not answered yet is asked, graded, and kept.

import { checkOptions, type OptionKeys, requireArrays, requireFunctions, requireObjects } from '../arguments.js'
import type { Answered, AnsweringModel, Question } from './answering-model.js'
import type { Grader, Grading } from './grader.js'
import type { ProblemSet } from './problem-set.js'
import type { AnswerRecord, ProblemRecord, ProblemResult, Protocol } from './result-record.js'

/** Where results are kept. */
export interface ResultKeeper {
  /** What an earlier run has left of a problem, by its set's name and its place there; undefined where nothing. */
  find(set: string, index: number): ProblemResult | undefined
  /** The same with the answers' texts. */
  read(set: string, index: number): Promise<ProblemRecord | undefined>
  /** Keeps a problem's answers, in place of those that were kept before. */
  add(record: ProblemRecord): Promise<void>
}

/** What is evaluated, how, by whom it is graded, and where the results go. */
export interface Evaluation {
  /** Answers the problems. */
  model: AnsweringModel
  /** Answered one after another. */
  sets: readonly ProblemSet[]
  /** How every problem is answered and graded. */
  protocol: Protocol
  /** Asked about answers that came to an end. */
  grader: Grader
  /** Says which problems are answered already, and keeps the others. */
  results: ResultKeeper
  /** Ends the evaluation at once; what is kept by then stays. */
  signal?: AbortSignal | undefined
}

/**
 * Asks, grades and keeps, and gives every problem as it is answered, sets in order and problems in any. Those that an earlier run has answered
 * are passed over, and of others only samples that failed are asked again. What the model, the grader and the keeper throw ends it.
 *
 * @throws {@link ArgumentError} for a part that is missing or of another name
 */
export async function* runEvaluation(evaluation: Evaluation): AsyncGenerator<ProblemRecord, void> {
  checkOptions('evaluation', evaluation, optionKeys, 'evaluation')
  const { model, sets, protocol, grader, results, signal } = evaluation
  requireObjects('evaluation', { model, protocol, results })
  requireArrays('evaluation', { sets })
  requireFunctions('evaluation', { grader })
  for (const { name: set, rows } of sets) {
    const questions = rows.flatMap((row, index): Question[] => {
      const samples = missingSamples(results.find(set, index), protocol)
      return samples.length > 0 ? [{ index, row, samples }] : []
    })
    if (questions.length === 0) continue
    for await (const answered of model.answer({ set, questions }, { protocol, signal })) {
      const record = await recordOf(set, answered, evaluation)
      await results.add(record)
      yield record
    }
  }
  signal?.throwIfAborted()
}

/** Places of the samples that were never answered, or failed. */
const optionKeys: OptionKeys<Evaluation> = {
  model: true,
  sets: true,
  protocol: true,
  grader: true,
  results: true,
  signal: true,
}

function missingSamples(earlier: ProblemResult | undefined, { samplesPerProblem }: Protocol): number[] {
  const all = Array.from({ length: samplesPerProblem }, (_, sample) => sample)
  return earlier ? all.filter((sample) => earlier.answers[sample]?.verdict === 'failed') : all
}

async function recordOf(
  set: string,
  { question, answers }: Answered,
  { grader, results, signal }: Evaluation,
): Promise<ProblemRecord> {
  const { index, row, samples } = question
  const fresh = await gradedAnswers(question, answers, { grader, signal })
  const all = [...((await results.read(set, index))?.answers ?? [])]
  for (const [i, sample] of samples.entries()) all[sample] = fresh[i] as AnswerRecord
  return {
    ...{ type: 'problem', set, index, id: row.id, expected: expectedOf(row.answer) },
    ...{ numSamples: all.length, numCorrect: all.filter(({ isCorrect }) => isCorrect).length, answers: all },
  }
}

/** An answer cut at the limit is wrong, whatever its text. */
async function gradedAnswers(
  { row }: Question,
  answers: Answered['answers'],
  { grader, signal }: Pick<Evaluation, 'grader' | 'signal'>,
): Promise<AnswerRecord[]> {
  const texts = answers.flatMap((answer) => ('text' in answer && answer.isFinished ? [answer.text] : []))
  const gradings = texts.length > 0 ? await grader({ row, texts }, { signal }) : []
  let numGraded = 0
  return answers.map((answer): AnswerRecord => {
    if ('failure' in answer) return { ...unanswered, verdict: 'failed', why: answer.failure }
    const { isFinished, numTokens, text } = answer
    const { verdict, why, predicted, failure } = isFinished ? (gradings[numGraded++] as Grading) : truncated
    const failed = failure && { failure }
    return { verdict, why, predicted, ...failed, isCorrect: verdict === 'correct', isFinished, numTokens, text }
  })
}

const truncated = { verdict: 'truncated', why: 'cut at the limit', predicted: null, failure: undefined } as const
const unanswered = { predicted: null, isCorrect: false, isFinished: false, numTokens: null, text: '' }

const expectedOf = (answer: unknown): string | string[] =>
  Array.isArray(answer) ? answer.map(String) : answer === undefined ? [] : String(answer)
