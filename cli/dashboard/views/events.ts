/** The events of contracts as they come, decoded where the contract's ABI is known. */
import { formatInteger } from '../../amounts.ts'
import { showValue } from '../../show.ts'
import type { EventRow, Model } from '../model.ts'
import { EMPTY, line, span } from '../text.ts'
import { describeEvent, eventFields, nameIn } from '../words.ts'
import { type Item, listRing, type ListView, pairs, prepareTexts } from './list.ts'

const toItem =
  (model: Model) =>
  (event: EventRow, id: string): Item => {
    const nameOf = nameIn(model)
    return {
      id,
      value: event.transactionId,
      call: `vex tx ${event.transactionId}`,
      cells: () => [
        span(formatInteger(BigInt(event.height)), 'dim'),
        span(nameOf(event.contract), 'accent'),
        span(describeEvent(event, model, nameOf)),
      ],
      detail(width) {
        const fields = eventFields(event, model.abis.get(event.contract))
        return [
          line(span(event.name, 'bold')),
          ...pairs(
            [
              ['contract', `${model.contracts.get(event.contract)?.name ?? ''} ${event.contract}`.trim()],
              ['block', formatInteger(BigInt(event.height))],
              ['transaction', event.transactionId],
            ],
            width,
          ),
          EMPTY,
          ...(fields === undefined
            ? pairs(
                [
                  ...event.topics.slice(1).map((topic, i) => [`topic ${i + 1}`, topic] as const),
                  ['data', event.data],
                ],
                width,
              )
            : pairs(
                Object.entries(fields).map(([name, value]) => [name, showValue(value, nameOf)] as const),
                width,
              )),
        ]
      },
    }
  }

const textOf =
  (model: Model) =>
  (event: EventRow): string => {
    const nameOf = nameIn(model)
    return `${event.contract} ${nameOf(event.contract)} ${event.transactionId} ${describeEvent(event, model, nameOf)}`
  }

export const eventsView: ListView = {
  id: 'events',
  isTail: true,
  whenEmpty: 'no contract has emitted anything yet',
  columns: [
    { title: 'block', width: 8, isRight: true, priority: 3 },
    { title: 'contract', width: 14, priority: 2 },
    { title: 'event', width: 20, isWide: true, priority: 1 },
  ],
  list: (model, filter) => listRing(model.events, filter, model.abis, textOf(model), toItem(model)),
  prepare: model => prepareTexts(model.events, model.abis, textOf(model)),
}
