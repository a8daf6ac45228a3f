import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import type { BlockStore } from '../../node/chain/store.ts'
import type { TransactionPlace } from '../../node/types/transaction-terms.ts'
import type { FailedCall } from '../../node/diagnostics/failure.ts'
import type { CommittedBlock } from '../../node/execution/blocks.ts'
import { QueryError, type TraceAnswer } from '../../node/execution/query.ts'
import { createFailureLog } from '../../node/failure-log.ts'
import { toHash, ZERO_HASH } from '../../node/types/primitives.ts'
import type { Receipt } from '../../node/types/receipt.ts'

const NOTHING = new Uint8Array(0)

const receipt = (number: number, status: Receipt['status']): Receipt => ({
  transactionId: toHash(new Uint8Array(32).fill(number)),
  status,
  gasUsed: 1n,
  feePaid: 1n,
  depositPaid: 0n,
  depositReturned: 0n,
  returnData: NOTHING,
  created: [],
  events: [],
  error:
    status === 'failed' ? { code: 'reverted', message: 'the contract reverted', data: NOTHING } : undefined,
})

const FAILED: FailedCall = {
  kind: 'call',
  contract: 'vex1…',
  contractName: 'Token',
  method: 'transfer',
  codeHash: '00',
  code: 'reverted',
  message: 'insufficient balance',
  gasLeft: '5',
  hasSymbols: true,
  frames: [
    {
      functionIndex: 3,
      offset: 9,
      function: 'Token.move',
      position: { file: 'token.ts', line: 7, column: 2 },
    },
  ],
  framesCut: 0,
  excerpt: null,
}
const traced = (failure: readonly FailedCall[] | null): TraceAnswer => ({
  kind: 'traced',
  isExact: true,
  trace: { calls: [], stepsCut: 0, abis: {}, failure },
})

interface Line {
  readonly level: number
  readonly msg: string
  readonly transaction?: string
  readonly failure?: unknown
}

let lines: Line[]
let asked: TransactionPlace[]
let blocks: Map<bigint, Receipt[]>
beforeEach(() => {
  lines = []
  asked = []
  blocks = new Map()
})

const logOf = (answer: () => Promise<TraceAnswer>, level = 'info'): ((block: CommittedBlock) => void) =>
  createFailureLog({
    logger: pino({ level }, { write: line => void lines.push(JSON.parse(line) as Line) }),
    store: { receipts: (height: bigint) => blocks.get(height) ?? [] } as unknown as BlockStore,
    contracts: {
      trace: ({ place }) => {
        asked.push(place)
        return answer()
      },
    },
  })
const block = (height: bigint): CommittedBlock =>
  ({ hash: ZERO_HASH, header: { height }, changedAccounts: [] }) as unknown as CommittedBlock
const settle = (): Promise<void> => new Promise(resolve => void setTimeout(resolve, 5))

describe('the log of failed transactions', () => {
  it('has a line with the place for each, and none for those that did well', async () => {
    blocks.set(5n, [receipt(1, 'success'), receipt(2, 'failed')])
    logOf(() => Promise.resolve(traced([FAILED])))(block(5n))
    await settle()
    expect(asked).toEqual([{ height: 5n, index: 1 }])
    const id = `0x${'02'.repeat(32)}`
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({
      level: 30,
      transaction: id,
      height: '5',
      code: 'reverted',
      msg: `transaction ${id} failed in Token.transfer at token.ts:7:2: insufficient balance`,
      failure: [FAILED],
    })
  })

  it('says why alone where no contract failed', async () => {
    blocks.set(5n, [receipt(2, 'failed')])
    logOf(() => Promise.resolve(traced(null)))(block(5n))
    await settle()
    expect(lines[0]?.msg).toMatch(/ failed: the contract reverted$/)
  })

  it('runs nothing again where nobody reads it', async () => {
    blocks.set(5n, [receipt(2, 'failed')])
    logOf(() => Promise.resolve(traced([FAILED])), 'warn')(block(5n))
    await settle()
    expect([asked, lines]).toEqual([[], []])
  })

  it('runs one after the other, and counts those that are too many', async () => {
    blocks.set(
      5n,
      Array.from({ length: 20 }, (_, i) => receipt(i, 'failed')),
    )
    let running = 0
    const log = logOf(async () => {
      expect(++running).toBe(1)
      await Promise.resolve()
      running--
      return traced([FAILED])
    })
    log(block(5n))
    await settle()
    expect(asked).toHaveLength(16)
    expect(lines.map(({ msg }) => msg)).toContain('4 more transactions failed in block 5')
    expect(lines).toHaveLength(17)
    blocks.set(6n, [receipt(1, 'failed')])
    log(block(6n))
    await settle()
    expect(asked).toHaveLength(17)
  })

  it('goes on after a query that was not answered, and is silent when the node stops', async () => {
    blocks.set(5n, [receipt(1, 'failed'), receipt(2, 'failed'), receipt(3, 'failed')])
    const answers = [
      () => Promise.reject(new QueryError('time_limit', 'it ran too long')),
      () => Promise.resolve(traced([FAILED])),
      () => Promise.reject(new QueryError('stopping', 'the node is stopping')),
    ]
    logOf(() => (answers.shift() ?? (() => Promise.reject(new Error('asked too often'))))())(block(5n))
    await settle()
    expect(lines.map(({ msg }) => msg.replace(/0x\w+/, 'ID'))).toEqual([
      'transaction ID failed; where is not known',
      'transaction ID failed in Token.transfer at token.ts:7:2: insufficient balance',
    ])
  })

  it('never fails the node: what it did not expect is an error in the log', async () => {
    blocks.set(5n, [receipt(1, 'failed')])
    logOf(() => Promise.reject(new Error('a bug')))(block(5n))
    await settle()
    expect(lines).toEqual([expect.objectContaining({ level: 50 })])
    const broken = createFailureLog({
      logger: pino({}, { write: line => void lines.push(JSON.parse(line) as Line) }),
      store: {
        receipts: () => {
          throw new Error('damaged')
        },
      } as unknown as BlockStore,
      contracts: { trace: () => Promise.resolve(traced(null)) },
    })
    broken(block(6n))
    expect(lines[1]).toMatchObject({ level: 50 })
  })
})
