// DeepScaleR-1.5B-Preview: github.com/agentica-project/rllm, scripts/deepscaler/train/deepscaler_1.5b_{8k,16k,24k}.sh, and the
// authors' report of February 2025.
import type { PublishedRun } from './published-run.js'

const aime = { everySteps: 20, numAnswers: 30 * 8 }

export const deepscaler: PublishedRun = {
  name: 'DeepScaleR-1.5B-Preview',
  gpu: 'a100-80g',
  gpuHours: 3800,
  dollars: 4500,
  source: 'DeepScaleR: Surpassing O1-Preview with a 1.5B Model by Scaling RL, 2025',
  numParameters: 1_777_088_000,
  promptTokens: 150,
  promptWhat: 'assumed for competition problems',
  mixedShare: 0.5,
  evaluationLimit: 24_576,
  stages: [
    {
      ...{ limit: 8192, numPrompts: 128, numAnswers: 8, steps: 1040, numDevices: 8, meanTokens: 4000 },
      what: 'the authors report 5,500 falling to 3,500, then rising',
      evaluation: aime,
    },
    {
      ...{ limit: 16_384, numPrompts: 128, numAnswers: 16, steps: 480, numDevices: 32, meanTokens: 8192 },
      what: 'half of the limit, as in the first stage: assumed, the report has no number',
      evaluation: aime,
    },
    {
      ...{ limit: 24_576, numPrompts: 128, numAnswers: 16, steps: 230, numDevices: 32, meanTokens: 12_288 },
      what: 'half of the limit, as in the first stage: assumed, the report has no number',
      evaluation: { everySteps: 10, numAnswers: 30 * 16 },
    },
  ],
}
