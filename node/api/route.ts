/**
 * Where a procedure is found over REST, written beside it: the router is the one definition, and the handler
 * (rest/handler.ts) and the OpenAPI document (rest/openapi.ts) are derived from it.
 */
import type { z } from 'zod'

export interface Route {
  readonly method: 'GET' | 'POST'
  /** Under `/api`; what stands in braces is a field of the input. */
  readonly path: `/${string}`
  /** One sentence, for the documentation. */
  readonly summary: string
  /**
   * For an input that is no flat object: the parameters as they come in path and query, made into the input. Default:
   * the input's own fields.
   */
  readonly parameters?: z.ZodType
  /** What it answers follows from its input and the head of the chain alone (remembered-answers.ts). */
  readonly isOfHead?: true
  /** Of a subscription: what one message holds. */
  readonly message?: z.ZodType
}

export interface Answer<Schema extends z.ZodType> {
  (value: unknown): z.output<Schema>
  readonly schema: Schema
}

/**
 * What a procedure answers, for its `output`. The type is checked where the procedure is written, real answers against
 * the document in test/e2e/rest.test.ts. Nothing is checked at run time: that would be paid with every view.
 */
export const answer = <Schema extends z.ZodType>(schema: Schema): Answer<Schema> =>
  Object.assign((value: unknown) => value as z.output<Schema>, { schema })
