/**
 * Answers that follow from the question and the head alone, kept until there is another head: who shows a contract asks the
 * same views again and again, and so do all others who show it.
 */
import type { Head } from '../chain/chain.ts'
import { LruMap } from '../types/lru-map.ts'

/** Of questions and answers together, in characters. */
const MAX_SIZE = 2 * 1024 * 1024
/** What is longer is not kept, nor is a question of that length. */
export const MAX_ENTRY_SIZE = 16 * 1024

interface Remembered {
  readonly answer: string
  readonly size: number
}

export class RememberedAnswers {
  readonly #answers = new LruMap<string, Remembered>(MAX_SIZE, ({ size }) => size)
  #head: Head | undefined

  /** What was answered to `question` at this head. */
  get(question: string, head: Head): string | undefined {
    return head === this.#head ? this.#answers.get(question)?.answer : undefined
  }

  /** `head` is the one that the answer was found at. */
  keep(question: string, answer: string, head: Head): void {
    const size = question.length + answer.length
    if (size > MAX_ENTRY_SIZE) return
    if (head !== this.#head) this.#answers.clear()
    this.#head = head
    this.#answers.set(question, { answer, size })
  }
}
