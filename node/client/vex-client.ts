/** What applications import as 'vex/client'. */
export { AbiError } from '../abi/error.ts'
export { type ApiFailure, apiFailure } from '../api/client.ts'
export type { RetryPolicy } from '../api/retry.ts'
export { type BatchResult, SubmitError, submitBytes, type SubmitTarget } from '../api/submit-client.ts'
export { AddressError, formatAddress, parseAddress } from '../crypto/address.ts'
export type { AccountClient, SendOptions, SendResult, SubmitOutcome } from '../wallet/send.ts'
export { WalletError, type WalletErrorCode } from '../wallet/settle.ts'
export { ArtifactError, type ContractArtifact } from './artifact.ts'
export { ContractCallError } from './call-error.ts'
export {
  createVexClient,
  type DeployedContract,
  type DeployOptions,
  type NodeContract,
  type VexClient,
  type VexClientOptions,
} from './client.ts'
export type { EventPlace, EventQuery } from './event-stream.ts'
