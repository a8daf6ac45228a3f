/** A block that breaks a rule: whoever proposed it is wrong, not this node. */
export class InvalidBlock extends Error {
  override readonly name = 'InvalidBlock'
}
