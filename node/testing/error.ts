/** The test itself is wrong: it asks the chain for something that is not there or cannot be. */
export class TestError extends Error {
  override readonly name = 'TestError'
}
