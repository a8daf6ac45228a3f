/** The API without the client: what lies on the wire, for good and bad requests. */
import { expect } from 'vitest'

export interface RawAnswer {
  readonly status: number
  readonly text: string
  /** Parsed, if it is JSON; of a batch the first answer. */
  readonly json: { readonly error?: RawError; readonly result?: { readonly data: unknown } } | undefined
}

interface RawError {
  readonly message: string
  readonly data: {
    readonly vex: {
      readonly code: string
      readonly detail: string | null
      readonly data?: string
      readonly failure?: readonly { readonly code: string }[]
    }
  }
}

export const readAnswer = async (response: Response): Promise<RawAnswer> => {
  const text = await response.text()
  const json = /^[[{]/.test(text) ? (JSON.parse(text) as RawAnswer['json'] | RawAnswer['json'][]) : undefined
  return { status: response.status, text, json: Array.isArray(json) ? json[0] : json }
}

export const post = async (url: string, path: string, body: string | Uint8Array<ArrayBuffer>) =>
  readAnswer(
    await fetch(`${url}/trpc/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    }),
  )

/** Queries are taken by POST too. */
export const call = (url: string, path: string, input: unknown) => post(url, path, JSON.stringify(input))

/** No stack, no path, nothing of the code behind the answer. */
export const expectNoLeak = (text: string): void => {
  expect(text).not.toMatch(/\bat \S+ \(|\.[tj]s\b|node_modules|"stack"|file:\/\/|\/tmp\//)
  expect(text).not.toContain(process.cwd())
}

/** A typed error with a sentence for people; gives the sentence. */
export const expectFailure = ({ text, json }: RawAnswer, code: string, detail: string | null): string => {
  expectNoLeak(text)
  const { failure, data, ...vex } = json?.error?.data.vex ?? {}
  expect(vex).toEqual({ code, detail })
  // Where a call failed, and what it reverted with, is told of calls that ran and of nothing else.
  const didRun = code === 'call_failed' && detail !== 'time_limit'
  expect(failure?.[0]?.code).toBe(didRun ? detail : undefined)
  expect(data !== undefined).toBe(didRun && detail === 'reverted')
  const message = json?.error?.message ?? ''
  expect(message.length).toBeGreaterThan(10)
  expect(message.length).toBeLessThan(600)
  expect(message).not.toContain('\n')
  return message
}
