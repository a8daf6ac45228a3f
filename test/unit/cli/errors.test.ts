import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { CliError, describeFailure, usageError } from '../../../cli/errors.ts'
import { AbiError } from '../../../node/abi/error.ts'
import { ApiServerError } from '../../../node/api/listen.ts'
import { GenesisError } from '../../../node/chain/genesis.ts'
import { AddressError } from '../../../node/crypto/address.ts'
import { StorageError } from '../../../node/storage/database.ts'
import { CodecError } from '../../../node/types/codec.ts'
import { ValidatorKeysError } from '../../../node/validator-keys.ts'
import { ZERO_HASH } from '../../../node/types/primitives.ts'
import { NEVER_CODES, WalletError } from '../../../node/wallet/settle.ts'
import { CompileError } from '../../../contracts/sdk/compile-error.ts'

const SENTENCE = 'what was wrong, where, and what to do'

describe('a failure', () => {
  it.each([
    new AbiError('bad_value', SENTENCE),
    new AddressError(SENTENCE),
    new ApiServerError('port_in_use', SENTENCE),
    new CodecError('malformed', SENTENCE),
    new CompileError('bad_source', [{ message: SENTENCE }]),
    new GenesisError(SENTENCE),
    new StorageError('disk_full', SENTENCE),
    new ValidatorKeysError(SENTENCE),
  ])('of class $name is told in its own words, with exit code 1', error => {
    expect(describeFailure(error)).toEqual({
      code: error.code,
      message: SENTENCE,
      exitCode: 1,
      isExpected: true,
    })
  })

  it('of any class of the project that has a code is told in its own words', async () => {
    const root = join(import.meta.dirname, '../../..')
    const classes: string[] = []
    for await (const path of glob('{node,vm,contracts/sdk}/**/*.ts', { cwd: root })) {
      const text = await readFile(join(root, path), 'utf8')
      const found = text.matchAll(/^export class (\w+) extends Error \{\n(?: {2}.*\n)*? {2}readonly code\b/gm)
      classes.push(...[...found].map(match => String(match[1])))
    }
    expect(classes).toContain('ConsensusError')
    for (const name of classes) {
      const error = Object.assign(new Error(SENTENCE), { name, code: 'some_code' })
      expect([name, describeFailure(error)]).toEqual([name, expect.objectContaining({ message: SENTENCE })])
    }
  })

  it('says by its exit code that nobody knows what became of a transaction', () => {
    const error = new WalletError('no_receipt', { id: ZERO_HASH, bytes: new Uint8Array(0) }, SENTENCE)
    expect(describeFailure(error)).toMatchObject({ message: SENTENCE, exitCode: 5 })
  })

  it('says by its exit code that a transaction will never be in a block', () => {
    for (const code of NEVER_CODES) {
      const error = new WalletError(code, { id: ZERO_HASH, bytes: new Uint8Array(0) }, SENTENCE)
      expect(describeFailure(error)).toMatchObject({ code, exitCode: 3 })
    }
  })

  it('keeps its exit code and details', () => {
    expect(describeFailure(usageError(SENTENCE))).toMatchObject({ code: 'usage', exitCode: 2 })
    const error = new CliError('bad_source', SENTENCE, { details: { diagnostics: [1] } })
    expect(describeFailure(error)).toMatchObject({ exitCode: 1, details: { diagnostics: [1] } })
  })

  it.each([
    ["error: unknown command 'dep'\n(Did you mean dev?)", "unknown command 'dep'. Did you mean dev?"],
    [
      "error: command-argument value 'x' is invalid for argument 'amount'. expected an amount",
      "AMOUNT cannot be 'x': expected an amount",
    ],
    [
      `error: command-argument value 'x"y' is invalid for argument 'to'. "x\\"y" is not an address`,
      `TO: "x\\"y" is not an address`,
    ],
    ["error: missing required argument 'amount'", 'AMOUNT is missing'],
    [
      "error: option '--port <port>' argument 'x' is invalid. expected",
      "--port <port> cannot be 'x': expected",
    ],
  ])('of the command line loses what says nothing: %j', (said, shown) => {
    expect(describeFailure(new CommanderError(1, 'commander.any', said))).toMatchObject({
      code: 'usage',
      message: shown,
      exitCode: 2,
    })
  })

  it('is none when help or the version was asked for', () => {
    expect(describeFailure(new CommanderError(0, 'commander.helpDisplayed', 'help')).exitCode).toBe(0)
  })

  it.each([
    ['ENOENT', 'token.wasm: there is no such file or folder'],
    ['ENOSPC', 'token.wasm: the disk is full: free some space and run the command again'],
  ])('of the file system names the file: %s', (code, message) => {
    const error = Object.assign(new Error('raw'), { code, path: 'token.wasm' })
    expect(describeFailure(error)).toMatchObject({ code: code.toLowerCase(), message, exitCode: 1 })
  })

  it('that nobody thought of is one sentence and says how to see more', () => {
    const failure = describeFailure(new TypeError('x is not a function'))
    expect(failure).toMatchObject({ code: 'internal', exitCode: 1, isExpected: false })
    expect(failure.message).toContain('x is not a function')
    expect(failure.message).toContain('--verbose')
    expect(failure.message).not.toContain('\n')
  })
})
