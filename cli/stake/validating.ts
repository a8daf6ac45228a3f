/** `vex stake register | commission | unjail | evidence`: what operators do. */
import { readFile } from 'node:fs/promises'
import { Argument, type Command, Option } from 'commander'
import { formatAddress } from '../../node/crypto/address.ts'
import { publicKeyOf } from '../../node/crypto/ed25519.ts'
import { CodecError } from '../../node/types/codec.ts'
import { EVIDENCE_BYTES, type Evidence, evidenceCodec } from '../../node/types/evidence.ts'
import { fromHex, toHex } from '../../node/types/primitives.ts'
import { publicValidatorKeys } from '../../node/validator-keys.ts'
import { openValidatorKeys } from '../../node/validator-key-file.ts'
import { CliError, usageError } from '../errors.ts'
import { readPassword } from '../secrets/password.ts'
import { addExamples } from '../help/examples.ts'
import { addSendingOptions, parseAmountArgument, parsePercent, type SendingOptions } from '../options.ts'
import { showBps } from '../show.ts'
import { resolveSigner } from '../signer.ts'
import { sendStake } from './send-stake.ts'

interface RegisterOptions extends SendingOptions {
  readonly validatorKeys: string
  readonly keysPasswordFile?: string
  readonly stake: bigint
  readonly commission: number
}

const isSignerGiven = ({ from, keyFile }: SendingOptions): boolean =>
  from !== undefined || keyFile !== undefined || (process.env['VEX_KEY'] ?? '') !== ''

const register = (options: RegisterOptions): Promise<void> =>
  sendStake(options, async ({ info, book }) => {
    const what = `the key file ${options.validatorKeys}`
    const passwordFile = options.keysPasswordFile ?? options.passwordFile
    const passwords = passwordFile === undefined ? {} : { passwordFile }
    const file = await openValidatorKeys(await readFile(options.validatorKeys, 'utf8'), what, () =>
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
    if (text === undefined) throw usageError('name a file with evidence, or give it with --hex')
    const found = parseEvidence(text, path === undefined ? '--hex' : `the file ${path}`)
    const { kind, first } = found
    return {
      action: { kind: 'submitEvidence', evidence: found },
      title: () =>
        `Whoever signed these two ${kind} of epoch ${first.epoch}, view ${first.view}, never votes again, and is slashed at the end of the epoch (evidence 0x${toHex(evidenceCodec.encode(found)).slice(0, 16)}…)`,
    }
  })

export const defineValidating = (stake: Command): void => {
  const registering = stake
    .command('register')
    .description('become a validator: it votes from the epoch after the next on')
    .addOption(
      new Option(
        '--validator-keys <file>',
        'the validator’s keys; their operator signs, unless you name another',
      ).makeOptionMandatory(),
    )
    .option(
      '--keys-password-file <file>',
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
    'vex keys new dev2-validator.json --plain',
    'vex stake register --validator-keys dev2-validator.json --stake 1000vex --commission 5 --from dev2',
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
    .argument('[file]', 'a file with the evidence as hex')
    .option('--hex <evidence>', 'the evidence itself')
    .action(evidence)
  addExamples(addSendingOptions(accusing), [
    'vex stake evidence conflict.hex',
    'vex stake evidence --hex 0x00… --json',
  ])
}
