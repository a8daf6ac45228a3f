// Written from ../assembly/bcs.ts by test/unit/contracts/editor.test.ts.
import { Reader } from './reader';
import { Writer } from './writer';
/** Appends a value of any of these types. Cost: an integer about 15 gas; text and bytes about 1 gas a byte on top. */
export declare function encode<T>(writer: Writer, value: T): void;
/** Reads what {@link encode} wrote. Cost: an integer about 20 gas; text about 10 gas a byte on top. */
export declare function decode<T>(reader: Reader): T;
/** What a storage slot that was never written holds: 0, false, '', no bytes, no elements, the zero address. */
export declare function zero<T>(): T;
