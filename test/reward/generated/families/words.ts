import { differs, eitherWay, type Family, repeat, same } from '../pair.js'

const words = [
  'Tuesday',
  'Friday',
  'Evelyn',
  'Carla',
  'odd',
  'even',
  'parabola',
  'ellipse',
  'hyperbola',
  'circle',
  'yes',
  'no',
  'isosceles',
  'scalene',
  'increasing',
  'decreasing',
  'red balloon',
  'no solution',
  'regular hexagon',
  'right triangle',
]

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

export const textAnswers: Family = {
  name: 'answers that are words',
  pairs: (draw) =>
    repeat(words.length * 2, (index) => {
      const word = words[index % words.length] ?? ''
      const other = draw.pick(words.filter((candidate) => candidate !== word))
      const cased = draw.pick([word, capital(word), word.toUpperCase(), word.toLowerCase()])
      const cut = draw.intBut(1, word.length - 1, word.indexOf(' '))
      const written = draw.pick([
        `\\text{${cased}}`,
        `\\textbf{${cased}}`,
        `\\text{ ${cased} }`,
        `\\mathrm{${cased.replaceAll(' ', '\\ ')}}`,
        `\\text{${cased}.}`,
        cased,
      ])
      return [
        eitherWay(draw, same(written, draw.pick([word, `\\text{${word}}`]))),
        eitherWay(draw, differs(written, `\\text{${other}}`)),
        differs(`\\text{${word.slice(0, cut)}${word.charAt(cut)}${word.slice(cut)}}`, word),
      ]
    }),
}

/** Short words that could also be read as products of letters. */
const phrases = ['red balloon', 'no solution', 'no real root', 'not a square', 'odd number', 'a line', 'the two axes']

export const phraseAnswers: Family = {
  name: 'answers of several short words',
  pairs: (draw) =>
    phrases.flatMap((phrase) => {
      const other = draw.pick(phrases.filter((candidate) => candidate !== phrase))
      const upper = phrase.toUpperCase()
      const ways = [phrase, upper, capital(phrase), `\\text{${upper}}`, `\\mathrm{${phrase.replaceAll(' ', '\\ ')}}`]
      return ways.flatMap((way) => [
        eitherWay(draw, same(way, `\\text{${phrase}}`)),
        same(` \\quad ${way}`, phrase),
        eitherWay(draw, differs(way, draw.pick([other, `\\text{${other}}`]))),
      ])
    }),
}

export const choices: Family = {
  name: 'choices by letter',
  pairs: (draw) =>
    repeat(15, () => {
      const [letter, other] = draw.shuffled(['A', 'B', 'C', 'D', 'E'])
      const written = draw.pick([
        `(${letter})`,
        `\\text{(${letter})}`,
        `\\textbf{(${letter})}`,
        `\\text{${letter}}`,
        `\\mathrm{(${letter})}`,
        `\\textbf{${letter}}`,
        `(\\text{${letter}})`,
        `${letter}.`,
        `${letter}`,
      ])
      return [
        eitherWay(draw, same(written, draw.pick([`${letter}`, `(${letter})`, `\\text{${letter}}`]))),
        eitherWay(draw, differs(written, draw.pick([`${other}`, `(${other})`, `\\text{(${other})}`]))),
        differs(`${letter}, ${other}`, `${letter}`),
      ]
    }),
}

export const ratiosAndTimes: Family = {
  name: 'ratios and times of day',
  pairs: (draw) =>
    repeat(15, () => {
      const [a, b] = draw.distinct(2, 1, 12) as [number, number]
      const minutes = draw.int(10, 58)
      return [
        eitherWay(draw, same(`${a}:${b}`, draw.pick([`${a} : ${b}`, `${a}:${b}`]))),
        differs(`${b}:${a}`, `${a}:${b}`),
        same(`${a}:${minutes}`, `\\text{${a}:${minutes}}`),
        differs(`${b}:${minutes}`, `${a}:${minutes}`),
        differs(`${a}:${minutes + 1}`, `${a}:${minutes}`),
      ]
    }),
}
