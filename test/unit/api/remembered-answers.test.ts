import { describe, expect, it } from 'vitest'
import { RememberedAnswers } from '../../../node/api/remembered-answers.ts'
import type { Head } from '../../../node/chain/chain.ts'

const head = (): Head => ({}) as Head

describe('an answer is remembered', () => {
  it('as long as its head is the head, and not before nor after', () => {
    const answers = new RememberedAnswers()
    const [first, second] = [head(), head()]
    expect(answers.get('q', first)).toBeUndefined()
    answers.keep('q', 'a', first)
    expect(answers.get('q', first)).toBe('a')
    expect(answers.get('p', first)).toBeUndefined()
    expect(answers.get('q', second)).toBeUndefined()
    answers.keep('p', 'b', second)
    expect([answers.get('q', second), answers.get('p', second), answers.get('q', first)]).toEqual([
      undefined,
      'b',
      undefined,
    ])
  })

  it('unless it is long; and those used longest ago are forgotten for others', () => {
    const answers = new RememberedAnswers()
    const here = head()
    answers.keep('long', 'a'.repeat(16 * 1024), here)
    expect(answers.get('long', here)).toBeUndefined()
    for (let i = 0; i < 1_000; i++) {
      answers.keep(`question ${i}`, 'a'.repeat(8_000), here)
      expect(answers.get('question 0', here)).toBeDefined()
    }
    expect(answers.get('question 1', here)).toBeUndefined()
    expect(answers.get('question 999', here)).toBeDefined()
  })
})
