// Under which heading of the site a public symbol stands: by the folder of lib/ that it is defined in, in the order of a reader's interest.

/** @typedef {{ title: string, about: string, places: string[] }} Category */

export const guides = 'Guides'
export const examples = 'Examples'

/** @type {Category[]} */
export const categories = [
  { title: 'train', about: 'Trainers, recipes and the runs made of them.', places: ['train'] },
  { title: 'grpo', about: 'The update: advantages, micro-batches, the gradient of the objective.', places: ['grpo'] },
  { title: 'rollout', about: 'Sampling answers in batches over a paged cache.', places: ['rollout'] },
  { title: 'reward', about: 'What an answer is worth.', places: ['reward'] },
  { title: 'schedule', about: 'The context that lengthens in stages.', places: ['schedule'] },
  { title: 'data', about: 'Problems, conversations, and the prompts made of them.', places: ['data', 'turn.ts'] },
  { title: 'eval', about: 'Answers to problems, graded, and what they say about a model.', places: ['eval'] },
  { title: 'models', about: 'Decoders and adapters: made, loaded, saved and run.', places: ['models'] },
  { title: 'tokenizer', about: 'Text to tokens and back, and chat templates.', places: ['tokenizer'] },
  { title: 'optim', about: 'AdamW and learning-rate schedules.', places: ['optim'] },
  { title: 'nn', about: 'Building blocks of models.', places: ['nn'] },
  { title: 'ops', about: 'Every op, with its gradient.', places: ['ops'] },
  {
    title: 'tensors',
    about: 'Tensors, the tape of derivatives, and who frees what.',
    places: [
      ...['tensor.ts', 'tensor-data.ts', 'autograd.ts', 'checkpoint.ts', 'create.ts', 'scope.ts', 'tape.ts'],
      ...['function-node.ts', 'native.ts'],
    ],
  },
  { title: 'device', about: 'The device, its threads and its random numbers.', places: ['device.ts', 'random.ts'] },
  { title: 'errors', about: 'What is thrown, told apart by `code`.', places: ['errors.ts'] },
]

/**
 * @param {string} file a path that ends in lib/…
 * @returns {Category | undefined}
 */
export function categoryOf(file) {
  const place = file.match(/(?:^|\/)lib\/([^/]+)/)?.[1]
  return categories.find(({ places }) => place !== undefined && places.includes(place))
}

/** The namespaces `ops`, `nn` and `device` stand under the heading of their own name. @param {string} name */
export const categoryNamed = (name) => categories.find(({ title }) => title === name)
