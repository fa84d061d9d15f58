// A model of ours under test.
import { promptsOf } from '../data/prompt.js'
import { ArgumentError } from '../errors.js'
import type { RolloutEngine } from '../rollout/engine.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import type { Answered, AnsweringModel, Question } from './answering-model.js'
import { requireParts } from './parts.js'
import { setSeed } from './problem-set.js'
import type { Protocol } from './result-record.js'

/** So many random streams belong to a problem, whatever the number of samples: asking for more keeps the first ones. */
export const mostSamples = 4096

/**
 * A model of ours, under test. All samples of a problem are sampled together, whichever of them are wanted. A prompt that leaves no room
 * for the longest answer, and more than 4096 samples of a problem, are ArgumentErrors once it is asked.
 */
export function localModel(parts: { engine: RolloutEngine; tokenizer: Tokenizer }): AnsweringModel {
  requireParts('evaluation', parts)
  const { engine, tokenizer } = parts
  return {
    async *answer({ set, questions }, { protocol, signal }) {
      const { samplesPerProblem: numAnswers, turn, seed, maxResponseTokens, temperature, topK, topP } = protocol
      if (numAnswers > mostSamples)
        throw new ArgumentError(`[evaluation] expected at most ${mostSamples} for samplesPerProblem, got ${numAnswers}`)
      const prompts = await promptsOf(
        questions.map(({ row }) => row),
        { turn, tokenizer, ...longestPrompt(engine, protocol) },
      )
      const groups = engine.generate(prompts, {
        ...{ maxResponseTokens, temperature, topK, topP },
        ...{ numAnswers, streamsPerId: mostSamples, ids: questions.map(({ index }) => index) },
        seed: setSeed(seed, set),
        ...(signal && { signal }),
      })
      let at = 0
      for await (const { answers } of groups) {
        const question = questions[at++] as Question
        yield { question, answers: question.samples.map((sample) => rawAnswer(answers[sample] as (typeof answers)[0])) }
      }
      engine.release()
    },
  }
}

const longestPrompt = ({ maxPositions }: RolloutEngine, { maxResponseTokens }: Protocol) => ({
  maxTokens: maxPositions - maxResponseTokens,
  limit: 'maxPositions - maxResponseTokens',
})

const rawAnswer = (answer: { text: string; tokens: number[]; finishReason: string }): Answered['answers'][0] => ({
  text: answer.text,
  numTokens: answer.tokens.length,
  isFinished: answer.finishReason === 'stop',
})
