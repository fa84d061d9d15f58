import { describe, expect, test } from 'vitest'
import { isSameAnswer } from '../../../lib/reward/math/same-answer.js'

type Pairs = readonly (readonly [answer: string, gold: string])[]

/** Both ways round. */
const same: Readonly<Record<string, Pairs>> = {
  'numbers of every spelling': [
    ['2^{100}', '1267650600228229401496703205376'],
    ['10^{6}', '1000000'],
    ['3\\times10^{5}', '300000'],
    ['1.5e3', '1500'],
    ['1{,}000', '1000'],
    ['1,\\!000', '1,000'],
    ['1\\,000', '1000'],
    ['1 000', '1000'],
    ['1000,99', '1000.99'],
    ['.5', '\\frac{1}{2}'],
    ['½', '0.5'],
    ['\u22125', '-5'],
    ['5.', '5'],
    ['\\text{12}', '12'],
    ['4\\text{th}', '4'],
    ['0.\\overline{3}', '1/3'],
    ['0.1\\overline{6}', '1/6'],
    ['101_2', '5'],
    ['204_{\\text{five}}', '54'],
  ],
  'fractions and mixed numbers': [
    ['2/4', '\\frac12'],
    ['\\dfrac{1}{2}', '\\tfrac12'],
    ['\\frac1{72}', '1/72'],
    ['2^{-1}', '1/2'],
    ['3\\frac{1}{4}', '13/4'],
    ['3 1/4', '3.25'],
    ['-3\\frac14', '-3.25'],
    ['3\\frac{1}{2}\\%', '0.035'],
  ],
  'per cent, degrees, units and money': [
    ['50\\%', '0.5'],
    ['28 percent', '28\\%'],
    ['90^\\circ', '90'],
    ['90^\\circ', '\\frac{\\pi}{2}'],
    ['\\frac{2\\pi}{3}', '120^{\\circ}'],
    ['5\\text{ cm}', '5'],
    ['100\\text{ cm}', '1\\text{ m}'],
    ['2\\text{ hours}', '120\\text{ minutes}'],
    ['5\\text{ cm}^2', '5\\text{ square centimeters}'],
    ['5 cm^2', '5'],
    ['12\\text{ square units}', '12'],
    ['\\$5', '5 dollars'],
    ['50\\text{ cents}', '\\$0.50'],
    ['17', '17\\text{ any text}'],
  ],
  'words and choices': [
    ['\\text{(A)}', 'A'],
    ['\\textbf{(B)}', '(B)'],
    ['Even', '\\text{even}'],
    ['odd', '\\text{odd}'],
    ['\\text{no solution}', '\\emptyset'],
  ],
  'roots, powers and constants': [
    ['\\sqrt{8}', '2\\sqrt2'],
    ['\\frac{1}{\\sqrt2}', '\\frac{\\sqrt2}{2}'],
    ['\\sqrt{3+2\\sqrt2}', '1+\\sqrt2'],
    ['\\sqrt[3]{-8}', '-2'],
    ['\\sqrt[4]{4}', '√2'],
    ['\\sqrt{12}-\\sqrt3', '\\sqrt3'],
    ['e^{i\\pi}', '-1'],
    ['2π', '2\\pi'],
    ['\\infty', '+\\infty'],
    ['e^{2}', 'e\\cdot e'],
  ],
  'functions of numbers': [
    ['\\ln e^2', '2'],
    ['\\log_2 8', '3'],
    ['\\log_{4} 8', '\\frac32'],
    ['\\log_2 3 \\cdot \\log_3 4', '2'],
    ['2\\ln 3', '\\ln 9'],
    ['\\sin 30^\\circ', '1/2'],
    ['\\cos(\\pi/3)', '0.5'],
    ['\\sin^{-1} 1', '\\pi/2'],
    ['\\tan^{-1}(1)', '\\frac\\pi4'],
    ['|-3|+1', '4'],
    ['\\left|2-5\\right|', '3'],
    ['\\lfloor 3.7 \\rfloor', '3'],
    ['\\lceil 3.2 \\rceil', '4'],
    ['5!', '120'],
    ['\\binom{5}{2}', '{5 \\choose 2}'],
    ['\\frac{2014!}{2012!}', '2014\\cdot2013'],
    ['\\sum_{k=1}^{10} k', '55'],
    ['\\prod_{k=1}^{4} k', '24'],
    ['\\gcd(12,18)', '6'],
  ],
  'complex numbers': [
    ['i^2', '-1'],
    ['(1+i)^2', '2i'],
    ['\\frac{1}{1+i}', '\\frac{1-i}{2}'],
    ['3 + 4i', '4i+3'],
    ['2\\sqrt{3}i', '2i\\sqrt3'],
    ['\\sqrt{-4}', '2i'],
  ],
  'expressions with letters': [
    ['a+b+c', 'c+b+a'],
    ['ab', 'ba'],
    ['(x+1)(x-1)', 'x^2-1'],
    ['(x+1)^{10}', '(1+x)^{10}'],
    ['\\frac{x^2-1}{x-1}', 'x+1'],
    ['x²+1', 'x^2+1'],
    ['\\sqrt{x^2}', '\\left|x\\right|'],
    ['\\sqrt{ab}', '\\sqrt a\\sqrt b'],
    ['x^{1/2}', '\\sqrt x'],
    ['\\frac{1}{3x^{2/3}}', '\\frac{1}{3\\sqrt[3]{x}^2}'],
    ['e^{x+y}', 'e^x e^y'],
    ['2^{n+1}', '2\\cdot 2^n'],
    ['(-1)^n', '\\cos(n\\pi)'],
    ['\\frac{n!}{(n-1)!}', 'n'],
    ['\\binom{n}{2}', '\\frac{n(n-1)}2'],
    ['\\sum_{k=1}^{n} k', '\\frac{n(n+1)}{2}'],
    ['\\tan x', '\\frac{\\sin x}{\\cos x}'],
    ['\\sin 2x', '2\\sin x\\cos x'],
    ['\\frac{\\pi}{6}+2\\pi k', '2\\pi k+\\frac{\\pi}6'],
    ['\\alpha+1', '1+α'],
  ],
  'functions up to a constant where the gold has one': [
    ['\\frac{x^2}{2}+C', '\\frac12x^2+C'],
    ['\\sin^2 x + K', '-\\cos^2 x + C'],
  ],
  'named values and equations': [
    ['x=5', '5'],
    ['f(x)=x^2', 'x^2'],
    ['a_n=2n+1', '2n+1'],
    ['x = 2, y = 3', '(2,3)'],
    ['y=3, x=2', 'x=2,y=3'],
    ['2x+4y=6', 'x+2y=3'],
    ['y=2x+1', '2x-y+1=0'],
    ['W(n)=1', 'W(x)=1'],
  ],
  'inequalities, intervals and unions': [
    ['x>3', '3<x'],
    ['-x > -1', 'x<1'],
    ['x \\ge 2', '[2,\\infty)'],
    ['-2\\le x<3', '[-2,3)'],
    ['x\\in[0,1]', '[0,1]'],
    ['(1,\\infty)\\cup(-\\infty,-1)', '(-\\infty,-1)\\cup(1,\\infty)'],
    ['x<-1 \\text{ or } x>1', '(-\\infty,-1)\\cup(1,\\infty)'],
    ['x>2 \\text{ and } x<5', '(2,5)'],
    ['|x|<3', '(-3,3)'],
    ['[0,1)\\cup[1,2]', '[0,2]'],
    ['\\{x \\mid x>2\\}', '(2,\\infty)'],
    ['\\{x\\in\\mathbb{R} : x\\ge 2\\}', '[2,\\infty)'],
    ['\\mathbb R\\setminus\\{0\\}', '(-\\infty,0)\\cup(0,\\infty)'],
    ['x\\ne 3', '(-\\infty,3)\\cup(3,\\infty)'],
  ],
  'tuples, sets, lists and matrices': [
    ['(1,2)', '\\left( 1 , 2 \\right)'],
    ['\\{1,2\\}', '\\{2,1\\}'],
    ['1 \\text{ and } 2', '2,1'],
    ['\\pm 2', '2,-2'],
    ['x=1\\pm\\sqrt2', '1+\\sqrt2,1-\\sqrt2'],
    ['100,200', '100, 200'],
    ['2:4', '1:2'],
    ['1:2', '\\frac12'],
    ['\\langle 1,2,3\\rangle', '(1,2,3)'],
    ['\\begin{pmatrix}1\\\\2\\end{pmatrix}', '(1,2)'],
    ['2\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}', '\\begin{bmatrix}2&4\\\\6&8\\end{bmatrix}'],
    ['\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}', '-2'],
  ],
}

/** Both ways round. */
const different: Pairs = [
  ['2^{100}', '2^{100}+1'],
  ['10^{1000}', '10^{1000}+1'],
  ['10^{-100}', '2\\cdot 10^{-100}'],
  ['22/7', '\\pi'],
  ['3\\frac14', '\\frac34'],
  ['\\infty', '10^{1000}'],
  ['\\infty', '-\\infty'],
  ['1.5', '3/2+10^{-20}'],
  ['\\sin 1', '\\sin(1)+10^{-30}'],
  ['e^{\\pi\\sqrt{163}}', '262537412640768744'],
  ['9^{9^{9^9}}', '1'],
  ['\\frac{1}{0}', '1'],
  ['50\\%', '50'],
  ['second', 'minute'],
  ['5\\text{ cm}', '5\\text{ kg}'],
  ['5\\text{ cm}', '5\\text{ cm}^2'],
  ['100 cm', '100 m'],
  ['5 apples', '5 oranges'],
  ['2.5', '2.54'],
  ['1 2', '12'],
  ['12', '1,2'],
  ['1,234', '1.234'],
  ['101_2', '101'],
  ['a', 'A'],
  ['A', 'B'],
  ['AB', 'A'],
  ['\\text{even}', 'odd'],
  ['\\sqrt2', '-\\sqrt2'],
  ['\\pm2', '2'],
  ['i', '1'],
  ['2+3i', '3+2i'],
  ['(1,2)', '(2,1)'],
  ['(1,2)', '[1,2]'],
  ['[1,2)', '[1,2]'],
  ['\\{1,2\\}', '(1,2)'],
  ['2,2,3', '2,3'],
  ['3,5', '5,7'],
  ['(0,1)\\cup(1,2)', '(0,2)'],
  ['x>3', 'x<3'],
  ['x\\ge3', 'x>3'],
  ['x\\ne3', 'x=3'],
  ['x=5', 'y=5'],
  ['y=2x+1', 'y=2x-1'],
  ['7 = 11a+c', '11a+c'],
  ['x<-1, x>1', '(-1,1)'],
  ['\\sqrt{x^2}', 'x'],
  ['x+1', 'x+2n+1'],
  ['\\sin x', '\\cos x'],
  ['n!', 'n'],
  ['\\frac{x^2}{2}+C', '\\frac{x^2}{3}+C'],
  ['1:00', '12:00'],
  ['12:30', '12:31'],
  ['\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}', '\\begin{pmatrix}1&3\\\\2&4\\end{pmatrix}'],
  ['', '0'],
]

describe.each(Object.entries(same))('%s', (_, pairs) => {
  test.each(pairs)('%s is %s', (answer, gold) => {
    expect(isSameAnswer(answer, gold)).toMatchObject({ isSame: true })
    expect(isSameAnswer(gold, answer)).toMatchObject({ isSame: true })
  })
})

test.each(different)('%s is not %s', (answer, gold) => {
  expect(isSameAnswer(answer, gold)).toMatchObject({ isSame: false })
  expect(isSameAnswer(gold, answer)).toMatchObject({ isSame: false })
})

test.each([
  ['1/3', '0.33'],
  ['\\pi', '3.14'],
  ['-\\sqrt2', '-1.414'],
])('%s is %s where the gold is the rounded one, and not the other way round', (exact, rounded) => {
  expect(isSameAnswer(exact, rounded).isSame).toBe(true)
  expect(isSameAnswer(rounded, exact).isSame).toBe(false)
})

test('a gold with a constant of integration is met without one', () => {
  expect(isSameAnswer('\\frac{x^2}{2}', '\\frac{x^2}{2}+C').isSame).toBe(true)
  expect(isSameAnswer('\\frac{x^2}{2}+C', '\\frac{x^2}{2}').isSame).toBe(false)
})

test('a comparison tells both canonical forms, and what could not be read says why', () => {
  expect(isSameAnswer('2/4', '0.5')).toEqual({
    isSame: true,
    isRead: true,
    why: '1/2 is 1/2',
    answer: '1/2',
    gold: '1/2',
  })
  expect(isSameAnswer('\\frac{1}{', '1')).toMatchObject({
    isSame: false,
    isRead: false,
    why: expect.stringMatching(/the answer cannot be read/),
  })
  expect(isSameAnswer('1', 'x'.repeat(5000)).why).toMatch(/more than 4000 letters/)
  expect(isSameAnswer('(x+1)(x+2)', 'x^2+3x+2', { maxOperations: 50 }).why).toMatch(/more than 50 operations/)
})
