/** `vex stake keys | register | commission | unjail | evidence`: what operators do. */
import { readFile, writeFile } from 'node:fs/promises'
import { Argument, type Command, Option } from 'commander'
import { formatAddress, publicKeyToAddress } from '../../node/crypto/address.ts'
import { publicKeyOf } from '../../node/crypto/ed25519.ts'
import { CodecError } from '../../node/types/codec.ts'
import { EVIDENCE_BYTES, type Evidence, evidenceCodec } from '../../node/types/evidence.ts'
import { fromHex, toHex } from '../../node/types/primitives.ts'
import { createValidatorKeys, formatValidatorKeys, publicValidatorKeys } from '../../node/validator-keys.ts'
import { openValidatorKeys } from '../../node/validator-key-file.ts'
import { CliError } from '../errors.ts'
import { readPassword } from '../secrets/password.ts'
import {
  addCommonOptions,
  addExamples,
  addSendingOptions,
  type CommonOptions,
  parseAmountArgument,
  parsePercent,
  type SendingOptions,
} from '../options.ts'
import { createOutput } from '../output.ts'
import { showBps, showTable } from '../show.ts'
import { resolveSigner } from '../signer.ts'
import { sendStake } from './send-stake.ts'

const OWNER_ONLY = 0o600

const keys = async (path: string, options: CommonOptions): Promise<void> => {
  const output = createOutput(options.json === true)
  const created = createValidatorKeys()
  // Never over other keys: who loses them is out, who shares them is slashed.
  await writeFile(path, formatValidatorKeys(created), { flag: 'wx', mode: OWNER_ONLY })
  const operator = formatAddress(publicKeyToAddress(created.operatorPublicKey))
  output.result({ path, operator }, () =>
    showTable(`Wrote new validator keys to ${path}`, [
      ['operator', operator],
      ['keep it', 'one process at a time may vote with these keys: two that vote differently are slashed'],
    ]),
  )
}

interface RegisterOptions extends SendingOptions {
  readonly keys: string
  readonly keysPasswordFile?: string
  readonly stake: bigint
  readonly commission: number
}

const isSignerGiven = ({ from, keyFile }: SendingOptions): boolean =>
  from !== undefined || keyFile !== undefined || (process.env['VEX_KEY'] ?? '') !== ''

const register = (options: RegisterOptions): Promise<void> =>
  sendStake(options, async ({ info, book }) => {
    const what = `the key file ${options.keys}`
    const passwordFile = options.keysPasswordFile ?? options.passwordFile
    const passwords = passwordFile === undefined ? {} : { passwordFile }
    const file = await openValidatorKeys(await readFile(options.keys, 'utf8'), what, () =>
      readPassword(passwords, what),
    )
    const secretKey = isSignerGiven(options)
      ? await resolveSigner(options, info.chainId, book)
      : file.operatorSecretKey
    const operatorPublicKey = publicKeyOf(secretKey)
    const { address, ...registration } = publicValidatorKeys({ ...file, operatorPublicKey }, info.chainId)
    const { stake, commission: commissionBps } = options
    return {
      secretKey,
      action: { kind: 'registerValidator', ...registration, commissionBps, stake },
      title: moved =>
        `${book.full(formatAddress(address))} is a validator with ${moved}: it votes from the epoch after the next on`,
    }
  })

const commission = (commissionBps: number, options: SendingOptions): Promise<void> =>
  sendStake(options, () => ({
    action: { kind: 'editValidator', commissionBps },
    title: () => `The commission is ${showBps(commissionBps)} from the next epoch on`,
  }))

const unjail = (options: SendingOptions): Promise<void> =>
  sendStake(options, () => ({
    action: { kind: 'unjail' },
    title: () => 'Out of jail: the next set that is frozen may hold the validator again',
  }))

interface EvidenceOptions extends SendingOptions {
  readonly hex?: string
}

const parseEvidence = (text: string, where: string): Evidence => {
  try {
    return evidenceCodec.decode(fromHex(text.trim()))
  } catch (error) {
    if (!(error instanceof CodecError || error instanceof TypeError)) throw error
    throw new CliError(
      'bad_evidence',
      `${where} holds no evidence: expected at most ${EVIDENCE_BYTES} bytes as hex, as "vex tx" shows those of a submitEvidence (${error.message})`,
    )
  }
}

const evidence = (path: string | undefined, options: EvidenceOptions): Promise<void> =>
  sendStake(options, async () => {
    const text = path === undefined ? options.hex : await readFile(path, 'utf8')
    if (text === undefined)
      throw new CliError('usage', 'name a file with evidence, or give it with --hex', { exitCode: 2 })
    const found = parseEvidence(text, path === undefined ? '--hex' : `the file ${path}`)
    const { kind, first } = found
    return {
      action: { kind: 'submitEvidence', evidence: found },
      title: () =>
        `Whoever signed these two ${kind} of epoch ${first.epoch}, view ${first.view}, never votes again, and is slashed at the end of the epoch (evidence 0x${toHex(evidenceCodec.encode(found)).slice(0, 16)}…)`,
    }
  })

export const defineValidating = (stake: Command): void => {
  const making = stake
    .command('keys')
    .description(
      'make the keys of a new validator, in a file that only you can read (vex keys new encrypts them)',
    )
    .argument('<path>', 'the file to write; never over one that is there')
    .action(keys)
  addExamples(addCommonOptions(making), [
    'vex stake keys my-validator.json',
    'vex stake keys other.json --json',
  ])

  const registering = stake
    .command('register')
    .description('become a validator: it votes from the epoch after the next on')
    .addOption(
      new Option(
        '--keys <path>',
        'the validator’s keys; their operator signs, unless you name another',
      ).makeOptionMandatory(),
    )
    .option(
      '--keys-password-file <path>',
      'file with the password of the validator’s keys, if they are encrypted (default: --password-file)',
    )
    .addOption(
      new Option('--stake <amount>', 'of your own, at least 100 VEX')
        .argParser(parseAmountArgument)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--commission <percent>', 'what you keep of your delegators’ rewards')
        .argParser(parsePercent)
        .default(0, '0'),
    )
    .action(register)
  addExamples(addSendingOptions(registering), [
    'vex stake keys dev2-validator.json',
    'vex stake register --keys dev2-validator.json --stake 1000vex --commission 5 --from dev2',
  ])

  const changing = stake
    .command('commission')
    .description('change what your validator keeps; it may rise by one percentage point an epoch')
    .addArgument(new Argument('<percent>', 'such as 5 or 2.5').argParser(parsePercent))
    .action(commission)
  addExamples(addSendingOptions(changing), [
    'vex stake commission 4.5 --from dev2',
    'vex stake commission 5 --from dev2 --json',
  ])

  const leaving = stake
    .command('unjail')
    .description('let your validator back, ten minutes after it was jailed for missing blocks')
    .action(unjail)
  addExamples(addSendingOptions(leaving), [
    'vex stake unjail --from dev2',
    'vex stake unjail --key-file operator.key --json',
  ])

  const accusing = stake
    .command('evidence')
    .description('submit two votes or certificates that contradict each other')
    .argument('[path]', 'a file with the evidence as hex')
    .option('--hex <evidence>', 'the evidence itself')
    .action(evidence)
  addExamples(addSendingOptions(accusing), [
    'vex stake evidence conflict.hex',
    'vex stake evidence --hex 0x00… --json',
  ])
}
