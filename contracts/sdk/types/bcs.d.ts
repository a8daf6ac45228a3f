// Written from ../assembly/bcs.ts by test/unit/contracts/editor.test.ts.
import { Reader } from './reader';
import { Writer } from './writer';
/**
 * Appends a value of any of these types: bool, an integer, u128, u256, string, Address, Uint8Array, Array, a @struct
 * class. Cost: a number about 75 gas, text about 60 for each byte, bytes about 230.
 */
export declare function encode<T>(writer: Writer, value: T): void;
/**
 * Reads what {@link encode} wrote. Cost: a number about 60 gas, text about 85 for each byte, bytes about 550.
 */
export declare function decode<T>(reader: Reader): T;
/** What a storage slot that was never written holds: 0, false, '', no bytes, no elements, the zero address. */
export declare function zero<T>(): T;
