/** What authors import as 'vex/testing'. */
export type { Someone, TestAccount } from './accounts.ts'
export {
  createTestChain,
  type DeployedContract,
  type DeployOptions,
  type TestChain,
  type TestChainOptions,
  type TestContract,
} from './chain.ts'
export { expectEvent, expectGas, expectNoEvent, expectRevert, type ExpectedRevert } from './expect.ts'
