/** The marks of a contract, for editors. The transform (sdk/transform.ts) gives them their meaning. */

/** The class that is the contract: its storage fields and its methods. One in a file. */
declare function contract(target: Function): void
/** Runs once, when the contract is deployed. */
declare function init(target: object, name: string, method: unknown): void
/** A method that may change something. */
declare function call(target: object, name: string, method: unknown): void
/** A method that only answers. Free for anyone to ask a node. */
declare function view(target: object, name: string, method: unknown): void
/** Runs once when the contract is upgraded to this code; nobody else can call it. */
declare function migrate(target: object, name: string, method: unknown): void
/** With @call or @init: takes the units sent along. Others refuse them. */
declare function payable(target: object, name: string, method: unknown): void
/** With @call or @view: may be called while another call of the same contract runs. */
declare function reentrant(target: object, name: string, method: unknown): void
/**
 * In this function `+ - * **`, `++` and `--` on integers wrap around instead of ending the call: for hashes and random
 * numbers. Not for a method for the outside, nor for one that reads storage or handles money.
 */
declare function unchecked(target: object, name: string, method: unknown): void
/** A class whose instances `emit` takes. */
declare function event(target: Function): void
/** A class whose instances `revert` and `require` take. */
declare function error(target: Function): void
/** A class of values that methods take and return, and storage keeps. */
declare function struct(target: Function): void
