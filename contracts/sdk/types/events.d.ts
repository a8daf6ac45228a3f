// Written from ../assembly/events.ts by test/unit/contracts/editor.test.ts.
/** Marks a field of an @event class that clients can filter by. At most three, each of at most 64 bytes. */
export type Indexed<T> = T;
/**
 * Emits a new instance of an @event class. Cost: about 4,900 gas, 180 for each number and 70 for each byte of text.
 */
export declare function emit<T>(event: T): void;
/** Collects one event; the transform writes the calls. Topics: u8 count, then u8 length and bytes of each. */
export declare class EventWriter {
    private readonly topics;
    private readonly data;
    private count;
    constructor(name: string);
    topic<T>(value: T): void;
    field<T>(value: T): void;
    send(): void;
}
