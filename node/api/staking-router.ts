/** The API's part about stakes: all of it reads; stakes are changed by transactions. */
import { z } from 'zod'
import { formatAddress } from '../crypto/address.ts'
import { ApiError } from './api-error.ts'
import * as inputs from './inputs.ts'
import { answer } from './route.ts'
import * as outputs from './staking-outputs.ts'
import {
  viewDelegation,
  viewEpoch,
  viewLeader,
  viewStakeParameters,
  viewUnbonding,
  viewValidator,
} from './staking-views.ts'
import { hex } from './views.ts'
import { query, router } from './trpc.ts'

const MAX_VALIDATORS = 200
const MAX_LEADERS = 100
const DEFAULT_LEADERS = 10

export const staking = router({
  /** What staking costs and earns on this chain, and how much there is in it. */
  parameters: query
    .meta({ method: 'GET', path: '/staking', summary: 'What staking costs and earns' })
    .output(answer(outputs.parameters))
    .query(({ ctx: { backend } }) =>
      viewStakeParameters(backend.chain.genesis, backend.queries.staking.totals()),
    ),

  /** Everybody who registered, by address; `next` is the `after` of the next page. */
  validators: query
    .meta({ method: 'GET', path: '/validators', summary: 'Everybody who registered, by address' })
    .input(
      z
        .strictObject({
          limit: z.int().min(1).max(MAX_VALIDATORS).default(MAX_VALIDATORS),
          after: inputs.address.optional(),
        })
        .default({ limit: MAX_VALIDATORS }),
    )
    .output(answer(outputs.validators))
    .query(({ ctx: { backend }, input: { limit, after } }) => {
      const { staking: queries } = backend.queries
      const found = queries.validators(limit + 1, after).map(viewValidator)
      const validators = found.slice(0, limit)
      return {
        epoch: String(queries.currentEpoch()),
        validators,
        next: found.length > limit ? (validators.at(-1)?.address ?? null) : null,
      }
    }),

  validator: query
    .meta({ method: 'GET', path: '/validators/{address}', summary: 'A validator' })
    .input(z.strictObject({ address: inputs.address }))
    .output(answer(outputs.validator))
    .query(({ ctx: { backend }, input }) => {
      const { staking: queries } = backend.queries
      const found = queries.validator(input.address)
      if (found === undefined)
        throw new ApiError('not_found', `${formatAddress(input.address)} is not a validator`)
      return {
        ...viewValidator(found),
        /** What leaves it, the newest first. */
        unbonding: queries.pools(input.address).map(({ epoch, tokens, leftAt }) => ({
          epoch: String(epoch),
          amount: String(tokens),
          leftAtEpoch: String(leftAt),
        })),
      }
    }),

  /** What an account has with validators, and what waits for it. */
  account: query
    .meta({
      method: 'GET',
      path: '/accounts/{address}/stakes',
      summary: 'What an account has with validators',
    })
    .input(z.strictObject({ address: inputs.address }))
    .output(answer(outputs.accountStakes))
    .query(({ ctx: { backend }, input }) => {
      const { staking: queries } = backend.queries
      return {
        address: formatAddress(input.address),
        delegations: queries.delegations(input.address).map(viewDelegation),
        unbonding: queries.unbonding(input.address).map(viewUnbonding),
        /** As the operator of a validator. */
        commission: String(queries.commission(input.address)),
      }
    }),

  /** Default: that of the next block. */
  epoch: query
    .meta({
      method: 'GET',
      path: '/epoch',
      summary: 'An epoch and who votes in it; that of the next block by default',
    })
    .input(z.strictObject({ epoch: inputs.u64.optional() }).default({}))
    .output(answer(outputs.epoch))
    .query(({ ctx: { backend }, input }) => {
      const { staking: queries } = backend.queries
      const current = queries.currentEpoch()
      const epoch = input.epoch ?? current
      const found = queries.epoch(epoch)
      if (found !== undefined) return viewEpoch(found)
      throw new ApiError(
        'not_found',
        epoch > current
          ? `the validators of epoch ${epoch} are not known yet; the chain is in epoch ${current}`
          : `the state no longer holds epoch ${epoch}; the chain is in epoch ${current}`,
      )
    }),

  /** Who leads the next views, and the draw that says so. */
  leaders: query
    .meta({ method: 'GET', path: '/leaders', summary: 'Who leads the next views, and the draw that says so' })
    .input(
      z
        .strictObject({ count: z.int().min(1).max(MAX_LEADERS).default(DEFAULT_LEADERS) })
        .default({ count: DEFAULT_LEADERS }),
    )
    .output(answer(outputs.leaders))
    .query(({ ctx: { backend }, input }) => {
      const { epoch, nonce, leaders } = backend.queries.staking.leaders(input.count)
      return { epoch: String(epoch), nonce: hex(nonce), leaders: leaders.map(viewLeader) }
    }),
})
