// A small server that speaks OpenAI's chat completions, and misbehaves as it is told: `node openai-server.mjs '{"behaviour":…}'`. It
// prints its port. What it answers follows from the question, the seed and the choice alone. GET /stats says what it has seen.
import { createServer } from 'node:http'

const {
  /** What the first requests for anything meet, one after another; then it is answered. */
  troubles = [],
  /** Text in a question that is never answered: status 500. */
  never = undefined,
  /** How `n` is taken: whole, refused, one (choice at a time). */
  several = 'whole',
  /** The key that is asked for. */
  key = undefined,
  /** Requests that are let through; after them 429 for so many milliseconds. */
  limit = undefined,
  closedMs = 200,
  /** The limit of an answer is known by this name only. */
  limitName = 'max_tokens',
  usage = true,
  thinking = 'inline',
  delayMs = 0,
  status = 200,
} = JSON.parse(process.argv[2] ?? '{}')

const stats = { numRequests: 0, numTooSoon: 0, mostAtOnce: 0, atOnce: 0, bodies: [] }
const numTried = new Map()
let numLetThrough = 0
let closedUntil = 0

/** Of a string, 32 bits. */
const hash = (text) => [...text].reduce((h, letter) => Math.imul(h ^ letter.charCodeAt(0), 16777619) >>> 0, 2166136261)

function choiceOf(question, seed, index) {
  const drawn = hash(`${question} ${seed} ${index}`)
  const answer = drawn % 3 === 0 ? question.replace(/\D/g, '') : String(drawn % 5)
  const isCut = drawn % 11 === 0
  const thought = `thinking ${drawn}`
  const rest = isCut ? '' : `\\boxed{${answer}}`
  const parted = { content: rest, reasoning_content: thought }
  const message = thinking === 'parted' ? parted : { content: isCut ? thought : `<think>${thought}</think>${rest}` }
  return { index, message: { role: 'assistant', ...message }, finish_reason: isCut ? 'length' : 'stop' }
}

function completion({ messages, seed, n = 1 }) {
  const question = messages.at(-1).content
  const numChoices = several === 'whole' ? n : 1
  const choices = Array.from({ length: numChoices }, (_, index) => choiceOf(question, seed, index))
  return {
    id: 'x',
    object: 'chat.completion',
    choices: choices.reverse(),
    ...(usage && { usage: { completion_tokens: 7 * numChoices } }),
  }
}

function refuse(response, code, message, headers = {}) {
  response.writeHead(code, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify({ error: { message } }))
}

/** Each begins where `attempt` was counted for the same body. */
const misbehave = {
  error: (response) => refuse(response, 500, 'internal'),
  busy: (response) => refuse(response, 503, 'overloaded', { 'retry-after': '0' }),
  limited: (response) => refuse(response, 429, 'slow down', { 'retry-after': new Date(Date.now() + 20).toUTCString() }),
  cut: (response) => response.socket.destroy(),
  hang: () => {},
  halfBody: (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
    response.write('{"choices":[{"message":{"content":"half')
    setTimeout(() => response.socket?.destroy(), 5)
  },
  halfJson: (response) => response.end('{"choices":[{"message":{"content":"half'),
  noChoices: (response) => response.end('{"choices":[]}'),
  unfinished: (response) => response.end('{"choices":[{"message":{"content":"so far"},"finish_reason":null}]}'),
  page: (response) => response.end('<html>gateway</html>'),
}

function answer(request, response, text) {
  const body = JSON.parse(text)
  stats.bodies.push(body)
  if (key !== undefined && request.headers.authorization !== `Bearer ${key}`)
    return refuse(response, 401, `Incorrect key provided: ${request.headers.authorization ?? 'none'}`)
  if (status !== 200) return refuse(response, status, `as told, ${request.headers.authorization ?? 'no key'}`)
  if (!(limitName in body)) return refuse(response, 400, `Unsupported parameter: use '${limitName}' instead.`)
  if (never !== undefined && body.messages.at(-1).content.includes(never)) return refuse(response, 500, 'never')
  if (several === 'refused' && (body.n ?? 1) > 1) return refuse(response, 400, 'n must be 1')
  const now = Date.now()
  if (now < closedUntil) {
    stats.numTooSoon++
    return refuse(response, 429, 'too soon', { 'retry-after': String((closedUntil - now) / 1000) })
  }
  if (limit !== undefined && ++numLetThrough > limit) {
    numLetThrough = 0
    closedUntil = now + closedMs
    return refuse(response, 429, 'too many', { 'retry-after': String(closedMs / 1000) })
  }
  const tried = numTried.get(text) ?? 0
  numTried.set(text, tried + 1)
  const trouble = troubles[tried]
  if (trouble !== undefined) return misbehave[trouble](response)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(completion(body)))
}

const server = createServer((request, response) => {
  if (request.url === '/stats') return void response.end(JSON.stringify(stats))
  if (request.url !== '/v1/chat/completions') return refuse(response, 404, 'no such page')
  stats.numRequests++
  stats.mostAtOnce = Math.max(stats.mostAtOnce, ++stats.atOnce)
  response.on('close', () => stats.atOnce--)
  const pieces = []
  request.on('data', (piece) => pieces.push(piece))
  request.on('end', () => setTimeout(() => answer(request, response, Buffer.concat(pieces).toString()), delayMs))
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
