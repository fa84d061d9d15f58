// How the published grader takes a tuple or an interval apart.
import { dropThousandsCommas } from './python-number.js'

/** What stands between the commas of (…), […] or a mixture, without brackets within; any other text is one element. */
export function elementsOf(form: string): string[] {
  const text = dropThousandsCommas(form)
  if (text === '') return []
  const isBracketed = text.length > 2 && /^[()[\]][^()[\]]*[()[\]]$/s.test(text)
  return isBracketed
    ? text
        .slice(1, -1)
        .split(',')
        .map((element) => element.trim())
    : [text]
}
