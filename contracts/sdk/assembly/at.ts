/** Calls to contracts whose classes are imported. */
import { Address } from './address'
import { Call } from './call'
import { require } from './errors'

/**
 * The contract at `address`, of a @contract class that is imported from its file:
 * `at<Token>(address).transfer(to, amount)`. Its @call and @view methods can be called, which encodes the arguments and
 * decodes the result; a call that fails makes this one fail with its data. Nothing checks that the contract there is a
 * Token. `units` of this contract go along with each call; `gas` is the most that each may use, 0 for all but a 64th.
 * Cost: as a {@link Call}.
 */
export function at<T>(address: Address, units: u64 = 0, gas: u64 = 0): T {
  return instantiate<T>(address, units, gas)
}

/** What the transform lets an imported contract's class extend. */
export class Callee {
  constructor(
    private readonly to: Address,
    private readonly units: u64,
    private readonly gas: u64,
  ) {}

  __call(method: string): Call {
    return new Call(this.to, method).value(this.units).gasLimit(this.gas)
  }
  __view(method: string): Call {
    require(this.units == 0, method + ' is a view, which takes no units')
    return new Call(this.to, method).gasLimit(this.gas)
  }
}
