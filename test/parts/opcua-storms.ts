// What a hostile OPC UA server may put inside well-formed messages: storms of notifications, strange values and times, and sizes.
import * as opcua from 'node-opcua'
import { counting, eventHandlesOf, handlesOf, honestReply, notificationReply } from './opcua-honest.ts'
import type { Peer, UaRequest } from './opcua-raw-server.ts'
import type { Tricks } from './opcua-tricks.ts'

const { DataType, StatusCodes, VariantArrayType } = opcua

type Item = { clientHandle: number; value: opcua.DataValue }

// Answers every publish at once, or at the given pace, with what the maker makes.
const storm =
  (make: (peer: Peer, sequence: number) => { items?: Item[]; more?: opcua.ExtensionObject[] }, paceMs = 0): Tricks[string] =>
  () =>
  (step, peer, request) => {
    if (step !== 'PublishRequest') return false
    const sequence = (peer.memory.get('sequence') ?? 0) + 1
    peer.memory.set('sequence', sequence)
    const answer = () => peer.reply(request, notificationReply(request, { sequence, ...make(peer, sequence) }))
    if (paceMs === 0) setImmediate(answer)
    else peer.timers.add(setTimeout(answer, paceMs))
    return true
  }

const forAll = (peer: Peer, value: () => opcua.DataValue): Item[] =>
  handlesOf(peer).map((clientHandle) => ({ clientHandle, value: value() }))

const PACE_MS = 100

const strange = (options: opcua.DataValueOptions) => storm((peer) => ({ items: forAll(peer, () => new opcua.DataValue(options)) }), PACE_MS)

// Answers every read with one strange value for each node outside namespace 0.
const readAs =
  (value: () => opcua.DataValue): Tricks[string] =>
  () =>
  (step, peer, request) => {
    const { body } = request
    if (step !== 'ReadRequest' || !(body instanceof opcua.ReadRequest)) return false
    const reply = honestReply(request, peer, '')
    if (!(reply instanceof opcua.ReadResponse)) return false
    const nodes = body.nodesToRead ?? []
    reply.results = (reply.results ?? []).map((result, i) => (nodes[i]?.nodeId.namespace === 0 ? result : value()))
    peer.reply(request, reply)
    return true
  }

const good = (value: opcua.VariantOptions): opcua.DataValue =>
  new opcua.DataValue({ value, statusCode: StatusCodes.Good, sourceTimestamp: new Date(), serverTimestamp: new Date() })

const longText = 'x'.repeat(1 << 20)
const longArray = new Float64Array(200_000)

function nested(depth: number): opcua.Variant {
  let value = new opcua.Variant({ dataType: DataType.Double, value: 1 })
  for (let i = 0; i < depth; i++)
    value = new opcua.Variant({ dataType: DataType.Variant, arrayType: VariantArrayType.Array, value: [value] })
  return value
}

function floodEvent(clientHandle: number): opcua.EventFieldList {
  const text = (value: string) => new opcua.Variant({ dataType: DataType.String, value })
  return new opcua.EventFieldList({ clientHandle, eventFields: Array.from({ length: 30 }, () => text('y'.repeat(500))) })
}

export const STORMS: Tricks = {
  'notifications without a pause': storm((peer) => ({ items: forAll(peer, counting) })),
  'five thousand values in each notification': storm((peer) => ({
    items: Array.from({ length: 5000 }, () => forAll(peer, counting)).flat()
  })),
  'values of handles that nobody gave': storm(() => ({
    items: Array.from({ length: 1000 }, (_, i) => ({ clientHandle: 1_000_000 + i, value: counting() }))
  })),
  'notifications of nothing': storm(() => ({})),
  'a flood of events': storm((peer) => ({
    more: [new opcua.EventNotificationList({ events: Array.from({ length: 200 }, () => floodEvent(eventHandlesOf(peer)[0] ?? 1)) })]
  })),
  'the subscription is gone, again and again': storm(
    () => ({ more: [new opcua.StatusChangeNotification({ status: StatusCodes.BadTimeout })] }),
    10
  ),
  'sequence numbers that jump': () => (step, peer, request) => {
    if (step !== 'PublishRequest') return false
    const jump = (peer.memory.get('jump') ?? 0) + 1_000_003
    peer.memory.set('jump', jump)
    peer.timers.add(
      setTimeout(() => peer.reply(request, notificationReply(request, { sequence: jump >>> 0, items: forAll(peer, counting) })), 20)
    )
    return true
  }
}

export const STRANGE_VALUES: Tricks = {
  'times of the year 1601': strange({
    ...{ value: { dataType: DataType.Double, value: 1 }, statusCode: StatusCodes.Good },
    ...{ sourceTimestamp: new Date(Date.UTC(1601, 0, 1)), serverTimestamp: new Date(Date.UTC(1601, 0, 1)) }
  }),
  'times of the year 9999': strange({
    ...{ value: { dataType: DataType.Double, value: 1 }, statusCode: StatusCodes.Good },
    ...{ sourceTimestamp: new Date(Date.UTC(9999, 11, 31)), serverTimestamp: new Date(Date.UTC(9999, 11, 31)) }
  }),
  'no times at all': strange({ value: { dataType: DataType.Double, value: 1 }, statusCode: StatusCodes.Good }),
  'not a number': strange({ value: { dataType: DataType.Double, value: Number.NaN }, statusCode: StatusCodes.Good }),
  'infinitely many': strange({ value: { dataType: DataType.Double, value: Number.POSITIVE_INFINITY }, statusCode: StatusCodes.Good }),
  'a StatusCode that nobody knows': strange({
    ...{ value: { dataType: DataType.Double, value: 1 }, statusCode: opcua.coerceStatusCode(0xdead_beef) }
  }),
  'nothing, and good': strange({ statusCode: StatusCodes.Good }),
  'a text in place of a number': strange({ value: { dataType: DataType.String, value: longText }, statusCode: StatusCodes.Good }),
  'an array in place of a number': strange({
    value: { dataType: DataType.Double, arrayType: VariantArrayType.Array, value: longArray },
    statusCode: StatusCodes.Good
  }),
  'values in values': strange({ value: nested(90), statusCode: StatusCodes.Good })
}

/** For a device that is polled. */
export const STRANGE_READS: Tricks = {
  'a long text to each read': readAs(() => good({ dataType: DataType.String, value: longText })),
  'a long array to each read': readAs(() => good({ dataType: DataType.Double, arrayType: VariantArrayType.Array, value: longArray })),
  'not a number to each read': readAs(() => good({ dataType: DataType.Double, value: Number.NaN })),
  'fewer results than were asked for': () => (step, peer, request: UaRequest) => {
    const reply = step === 'ReadRequest' ? honestReply(request, peer, '') : null
    if (!(reply instanceof opcua.ReadResponse)) return false
    reply.results = []
    peer.reply(request, reply)
    return true
  },
  'more results than were asked for': () => (step, peer, request: UaRequest) => {
    const reply = step === 'ReadRequest' ? honestReply(request, peer, '') : null
    if (!(reply instanceof opcua.ReadResponse)) return false
    reply.results = [...(reply.results ?? []), ...Array.from({ length: 5000 }, counting)]
    peer.reply(request, reply)
    return true
  }
}
