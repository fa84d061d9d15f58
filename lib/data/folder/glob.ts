// Patterns of file names, as `--include` and a data set's README.md have them. Pure, and in time of name times pattern: a pattern may come
// from a file that nobody has checked.

/** `*` is anything but a slash, `**` anything, `**` and a slash any folders or none, `?` one letter, `[ab]`, `[a-z]` or `[!a]` one letter. */
export function isGlobMatch(glob: string, name: string): boolean {
  const steps = (glob.match(/\*\*\/|\*+|\?|\[!?[^\]/]+\]|./gsu) ?? []).map(stepOf)
  let reached = withSkips([{ at: 0, isInFolder: false }], steps)
  for (const letter of name) {
    const next = [...reached.values()].flatMap(({ at, isInFolder }) => steps[at]?.(letter, { at, isInFolder }) ?? [])
    reached = withSkips(next, steps)
  }
  return reached.has(keyOf({ at: steps.length, isInFolder: false }))
}

interface Place {
  /** The step that takes the next letter. */
  at: number
  /** In the midst of a folder's name: only a slash ends it. */
  isInFolder: boolean
}

/** Where a letter leads from a place; nowhere where it does not fit. */
interface Step {
  (letter: string, place: Place): Place[]
  mayBeNothing?: boolean
}

function stepOf(part: string): Step {
  if (part === '**/') return repeated((letter, { at }) => [{ at, isInFolder: letter !== '/' }])
  if (part === '*') return repeated((letter, place) => (letter === '/' ? [] : [place]))
  if (part.startsWith('**')) return repeated((_, place) => [place])
  const fits =
    part === '?' ? () => true : part.length > 2 ? classOf(part.slice(1, -1)) : (letter: string) => letter === part
  const maySlash = part === '/'
  return (letter, { at }) => (fits(letter) && (letter !== '/' || maySlash) ? [{ at: at + 1, isInFolder: false }] : [])
}

const repeated = (step: Step): Step => Object.assign(step, { mayBeNothing: true })

function classOf(body: string): (letter: string) => boolean {
  const isNegated = body.startsWith('!')
  const ranges = (isNegated ? body.slice(1) : body).match(/.-.|./gsu) ?? []
  const isIn = (letter: string, range: string) => {
    const [first = '', , last = first] = range
    return letter >= first && letter <= last
  }
  return (letter) => ranges.some((range) => isIn(letter, range)) !== isNegated
}

const keyOf = ({ at, isInFolder }: Place): number => 2 * at + Number(isInFolder)

function withSkips(places: readonly Place[], steps: readonly Step[]): Map<number, Place> {
  const reached = new Map<number, Place>()
  for (let place of places) {
    reached.set(keyOf(place), place)
    while (!place.isInFolder && steps[place.at]?.mayBeNothing) {
      place = { at: place.at + 1, isInFolder: false }
      reached.set(keyOf(place), place)
    }
  }
  return reached
}
