/** A genesis made by several: what is honest is taken, and no byte of a statement may be another. */
import { describe, expect, it } from 'vitest'
import { checkGenesis, GenesisError } from '../../node/chain/genesis.ts'
import { parseAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import {
  addValidator,
  createStatement,
  DEFAULT_CHAIN_PARAMS,
  draftGenesis,
  formatStatement,
  parseStatement,
  signStatement,
  type ValidatorStatement,
} from '../../node/genesis-ceremony.ts'
import { formatGenesis, parseGenesis } from '../../node/genesis-file.ts'
import { MAX_SUPPLY, STAKING, VEX } from '../../node/params.ts'
import { type Genesis, genesisHash } from '../../node/types/genesis.ts'
import { toHex } from '../../node/types/primitives.ts'
import { createValidatorKeys } from '../../node/validator-keys.ts'

const CHAIN = 'ceremony'
const [dev] = devAccounts() as [ReturnType<typeof devAccounts>[number]]
const keysOf = (index: number) => createValidatorKeys(new Uint8Array(64).fill(index + 1))
const terms = { chainId: CHAIN, stake: 1_000n * VEX, commissionBps: 250 }

const options = {
  chainId: CHAIN,
  timeMs: 1_700_000_000_000n,
  params: DEFAULT_CHAIN_PARAMS,
  accounts: [{ address: dev.address, balance: 5n * VEX }],
}
const draft = draftGenesis(options)
const first = createStatement(keysOf(0), terms)
const second = createStatement(keysOf(1), terms)
const elsewhere = createStatement(keysOf(0), { ...terms, chainId: 'other' })

const refusal = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof GenesisError) return error.message
    throw error
  }
  throw new Error('expected a GenesisError')
}

describe('a ceremony', () => {
  it('of four validators makes one genesis, whose files lose nothing', () => {
    const files = [0, 1, 2, 3].map(index => formatStatement(createStatement(keysOf(index), terms)))
    const genesis = files.reduce<Genesis>(
      // Between two of them it lies in a file.
      (made, file) => parseGenesis(formatGenesis(addValidator(made, parseStatement(file, 'validator.json')))),
      draft,
    )
    checkGenesis(genesis)
    expect(genesis.validators).toHaveLength(4)
    expect(genesis.validators[0]).toMatchObject({ stake: terms.stake, commissionBps: 250 })
    expect(toHex(genesisHash(parseGenesis(formatGenesis(genesis))))).toBe(toHex(genesisHash(genesis)))
    expect(draft.validators).toEqual([])
  })

  it('without validators makes no genesis', () => {
    expect(refusal(() => checkGenesis(draft))).toContain('names no validator')
  })
})

describe('a draft', () => {
  it.each<[string, Partial<typeof options>, string]>([
    ['without a chain id', { chainId: '' }, 'chain id'],
    ['whose chain id is too long in bytes', { chainId: 'ü'.repeat(17) }, '34 bytes'],
    [
      'of more than the greatest supply',
      { accounts: [{ address: dev.address, balance: MAX_SUPPLY + 1n }] },
      'supply',
    ],
    ['that lists an account twice', { accounts: [...options.accounts, ...options.accounts] }, 'twice'],
    ['of blocks without gas', { params: { ...options.params, blockGasLimit: 1n } }, 'blockGasLimit'],
    ['of epochs without blocks', { params: { ...options.params, epochBlocks: 0n } }, 'epochBlocks'],
  ])('%s is refused', (_, change, said) => {
    expect(refusal(() => draftGenesis({ ...options, ...change }))).toContain(said)
  })
})

const flipped = (bytes: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  copy[20] = (copy[20] as number) ^ 1
  return copy
}

describe('a statement', () => {
  it.each<[string, Partial<ValidatorStatement>, RegExp]>([
    ['for another chain', { chainId: 'other' }, /for the chain "other", not "ceremony"/],
    ['with another stake', { stake: first.stake + 1n }, /changed after/],
    ['with another commission', { commissionBps: 0 }, /changed after/],
    ['with another’s vote key', { voteKey: second.voteKey }, /changed after/],
    [
      'with another proof of the vote key',
      { proofOfPossession: flipped(first.proofOfPossession) },
      /changed after/,
    ],
    ['with another’s VRF key', { vrfKey: second.vrfKey }, /changed after/],
    ['with another proof of the VRF key', { vrfProof: flipped(first.vrfProof) }, /changed after/],
    ['with another signature', { signature: flipped(first.signature) }, /changed after/],
    ['with another’s address', { address: second.address }, /not that of its operator key/],
    ['with another’s operator key', { operatorKey: second.operatorKey }, /not that of its operator key/],
    ['under another’s name', { operatorKey: second.operatorKey, address: second.address }, /changed after/],
  ])('%s is refused', (_, change, said) => {
    expect(refusal(() => addValidator(draft, { ...first, ...change }))).toMatch(said)
  })

  it.each([
    ['vote key', { voteSecretKey: keysOf(1).voteSecretKey }],
    ['VRF key', { vrfSecretKey: keysOf(1).vrfSecretKey }],
    [
      'operator',
      { operatorSecretKey: keysOf(1).operatorSecretKey, operatorPublicKey: keysOf(1).operatorPublicKey },
    ],
  ])('with the %s of a validator that is in the genesis is refused', (_, shared) => {
    const genesis = addValidator(draft, second)
    const statement = createStatement({ ...keysOf(0), ...shared }, terms)
    expect(refusal(() => addValidator(genesis, statement))).toContain('repeats a key or the address')
  })

  it('is refused twice', () => {
    expect(refusal(() => addValidator(addValidator(draft, first), first))).toContain('repeats')
  })

  it.each<[string, Partial<ValidatorStatement>, string]>([
    ['proof for another’s vote key', { voteKey: second.voteKey }, 'its vote key'],
    ['broken proof of the vote key', { proofOfPossession: flipped(first.proofOfPossession) }, 'its vote key'],
    ['vote key that is no key', { voteKey: new Uint8Array(48) }, 'not a valid BLS12-381 key'],
    ['VRF proof for another chain', { vrfProof: elsewhere.vrfProof }, 'its VRF key'],
    ['VRF proof for another operator', { vrfKey: second.vrfKey, vrfProof: second.vrfProof }, 'its VRF key'],
    ['VRF key of small order', { vrfKey: new Uint8Array(32) }, 'VRF key'],
    ['stake that is too small', { stake: STAKING.minSelfStake - 1n }, 'too little'],
    ['commission of more than everything', { commissionBps: 10_001 }, 'more than everything'],
  ])('that its operator signed with a %s is refused', (_, change, said) => {
    const statement = signStatement({ ...first, ...change }, keysOf(0).operatorSecretKey)
    expect(refusal(() => addValidator(draft, statement))).toContain(said)
  })

  it('of too little stake is not made', () => {
    expect(
      refusal(() => createStatement(keysOf(0), { ...terms, stake: STAKING.minSelfStake - 1n })),
    ).toContain('too little')
  })

  it('that stakes more than there can be is refused', () => {
    const rich = createStatement(keysOf(0), { ...terms, stake: MAX_SUPPLY })
    expect(refusal(() => addValidator(draft, rich))).toContain('supply')
  })
})

describe('validator.json', () => {
  const json = JSON.parse(formatStatement(first)) as Record<string, unknown>
  const parse = (value: unknown) => parseStatement(JSON.stringify(value), 'my.json')

  it('comes back as it was', () => {
    expect(parse(json)).toEqual(first)
    expect(parse(json).address).toEqual(parseAddress(String(json['address'])))
  })

  it('holds no secret', () => {
    const text = formatStatement(first)
    const { operatorSecretKey, voteSecretKey, vrfSecretKey } = keysOf(0)
    for (const secret of [operatorSecretKey, voteSecretKey, vrfSecretKey])
      expect(text).not.toContain(toHex(secret))
  })

  it.each([
    ['version', 2],
    ['voteKey', '0x00'],
    ['vrfProof', `${String(json['vrfProof'])}00`],
    ['signature', 'x'],
    ['stake', '-1'],
    ['commissionBps', 10_001],
    ['address', 'vex1nobody'],
    ['operatorKey', undefined],
  ])('with the %s %j is refused by name', (name, value) => {
    const message = refusal(() => parse({ ...json, [name]: value }))
    expect(message).toContain('my.json')
    expect(message).toContain(name)
  })

  it('that is something else is refused', () => {
    expect(refusal(() => parse({ ...json, extra: 1 }))).toContain('extra')
    expect(refusal(() => parseStatement('{', 'my.json'))).toContain('my.json is not JSON')
  })
})
