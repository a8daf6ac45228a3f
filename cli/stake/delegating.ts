/** `vex stake delegate | undelegate | withdraw | claim` */
import { type Command, InvalidArgumentError } from 'commander'
import { formatAddress } from '../../node/crypto/address.ts'
import { addExamples } from '../help/examples.ts'
import {
  addSendingOptions,
  parseAddressArgument,
  parseAmountArgument,
  type SendingOptions,
  VALIDATOR_EXAMPLE,
} from '../options.ts'
import { sendStake } from './send-stake.ts'

const EVERYTHING = 'all'
const VALIDATOR = 'the validator, by its operator’s address'

const parseAmountOrAll = (text: string): bigint | typeof EVERYTHING => {
  if (text === EVERYTHING) return text
  try {
    return parseAmountArgument(text)
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    throw new InvalidArgumentError(`${error.message}. Write "${EVERYTHING}" for everything`)
  }
}

const delegate = (validator: string, amount: bigint, options: SendingOptions): Promise<void> =>
  sendStake(options, ({ book }) => {
    const target = book.resolve(validator)
    return {
      action: { kind: 'delegate', validator: target, amount },
      title: moved => `Delegated ${moved} to ${book.full(formatAddress(target))}`,
    }
  })

const undelegate = (
  validator: string,
  amount: bigint | typeof EVERYTHING,
  options: SendingOptions,
): Promise<void> =>
  sendStake(options, ({ book }) => {
    const target = book.resolve(validator)
    return {
      action: { kind: 'undelegate', validator: target, amount: amount === EVERYTHING ? undefined : amount },
      title: moved =>
        `Undelegated ${moved} from ${book.full(formatAddress(target))}: "vex stake show" tells when it can be withdrawn`,
    }
  })

const withdraw = (validator: string, options: SendingOptions): Promise<void> =>
  sendStake(options, ({ book }) => {
    const target = book.resolve(validator)
    return {
      action: { kind: 'withdraw', validator: target },
      title: moved => `Withdrew ${moved} that had been undelegated from ${book.full(formatAddress(target))}`,
    }
  })

const claim = (validator: string, options: SendingOptions): Promise<void> =>
  sendStake(options, ({ book }) => {
    const target = book.resolve(validator)
    return {
      action: { kind: 'claimRewards', validator: target },
      title: moved => `Claimed ${moved} of rewards from ${book.full(formatAddress(target))}`,
    }
  })

export const defineDelegating = (stake: Command): void => {
  const delegating = stake
    .command('delegate')
    .description('bond VEX with a validator: it votes two epochs later, and earns from now')
    .argument('<validator>', VALIDATOR, parseAddressArgument)
    .argument('<amount>', 'such as 100vex, at least 1 VEX', parseAmountArgument)
    .action(delegate)
  addExamples(addSendingOptions(delegating), [
    VALIDATOR_EXAMPLE,
    'vex stake delegate $VALIDATOR 100vex',
    'vex stake delegate $VALIDATOR 20vex --from dev1 --json',
  ])

  const undelegating = stake
    .command('undelegate')
    .description('take VEX back; it stays liable until evidence against the validator is too old')
    .argument('<validator>', VALIDATOR, parseAddressArgument)
    .argument('<amount>', `such as 40vex, or "${EVERYTHING}"`, parseAmountOrAll)
    .action(undelegate)
  addExamples(addSendingOptions(undelegating), [
    VALIDATOR_EXAMPLE,
    'vex stake undelegate $VALIDATOR 40vex',
    'vex stake undelegate $VALIDATOR all --from dev1 --json',
  ])

  const withdrawing = stake
    .command('withdraw')
    .description('get what was undelegated and is liable for nothing any more; at most 16 epochs’ at once')
    .argument('<validator>', VALIDATOR, parseAddressArgument)
    .action(withdraw)
  addExamples(addSendingOptions(withdrawing), [
    'vex stake withdraw $VALIDATOR',
    'vex stake withdraw $VALIDATOR --from dev1 --json',
  ])

  const claiming = stake
    .command('claim')
    .description('get the rewards of a delegation and, as its operator, the commission')
    .argument('<validator>', VALIDATOR, parseAddressArgument)
    .action(claim)
  addExamples(addSendingOptions(claiming), [
    'vex stake claim $VALIDATOR',
    'vex stake claim $VALIDATOR --from dev1 --json',
  ])
}
