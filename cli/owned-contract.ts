/** A contract that its owner is about to change. The chain checks it too; here it is said before anything is run. */
import type { Connection } from './connect.ts'
import { CliError } from './errors.ts'

/** Throws a CliError unless there is a contract and `signer` is its owner. */
export const findOwned = async (
  { api, book }: Connection,
  contract: string,
  signer: string,
): Promise<{ readonly codeHash: string; readonly owner: string }> => {
  const { contract: found } = await api.account.get.query({ address: contract })
  if (found === null) throw new CliError('unknown_contract', `there is no contract at ${contract}`)
  const { codeHash, owner } = found
  if (owner === null)
    throw new CliError('not_owner', `${contract} has no owner: nobody can change it or give it away`)
  if (owner === signer) return { codeHash, owner }
  throw new CliError(
    'not_owner',
    `${contract} belongs to ${book.full(owner)}, and ${book.full(signer)} signs: sign as its owner, with --from or --key-file`,
  )
}
