// Written from ../assembly/events.ts by test/unit/contracts/editor.test.ts.
/** Marks a field of an @event class that clients can filter by. At most three, each of at most 64 bytes. */
export type Indexed<T> = T;
/** Emits an instance of an @event class. Cost: about 3,000 gas and 10 for each byte. */
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
