// What a hostile or broken OPC UA server may do on the wire, one trick each: frames, lengths, silence, ids and invitations.
import { randomBytes } from 'node:crypto'
import * as opcua from 'node-opcua'
import { endpointsAt, faultOf, honestReply, sessionReply } from './opcua-honest.ts'
import { bytesOf, frameOf, type Peer, type Trick, type UaRequest, words } from './opcua-raw-server.ts'

const { StatusCodes } = opcua
const MOST = 0xffff_ffff

/** Each gives a fresh trick, for it may remember things. */
export type Tricks = Readonly<Record<string, () => Trick>>

const at =
  (step: string, act: (peer: Peer, request: UaRequest) => void): (() => Trick) =>
  () =>
  (here, peer, request) => {
    if (here !== step) return false
    act(peer, request)
    return true
  }

const honest = (request: UaRequest, peer: Peer) => bytesOf(honestReply(request, peer, '') ?? faultOf(request, StatusCodes.Bad))
const silentAt = (step: string) => at(step, () => {})

// As much as the other side takes, and never an end.
function flood(peer: Peer, piece: () => Buffer): void {
  const more = () => {
    while (!peer.socket.destroyed && peer.socket.write(piece()));
  }
  peer.socket.on('drain', more)
  more()
}

function drip(peer: Peer, bytes: Buffer, everyMs: number): void {
  let at = 0
  peer.every(everyMs, () => {
    if (at < bytes.length) peer.raw(bytes.subarray(at, ++at))
  })
}

export const BROKEN_FRAMES: Tricks = {
  'garbage at once': at('connect', (peer) => peer.raw(randomBytes(4096))),
  'garbage in place of ACK': at('HEL', (peer) => peer.raw(randomBytes(4096))),
  'garbage in place of the open channel': at('OPN', (peer) => peer.raw(randomBytes(4096))),
  'garbage in place of a session': at('CreateSessionRequest', (peer) => peer.raw(randomBytes(4096))),
  'garbage inside a good frame': at('CreateSessionRequest', (peer, { id }) => peer.raw(peer.messageOf(id, randomBytes(300)))),
  'garbage in place of notifications': at('PublishRequest', (peer, { id }) => peer.raw(peer.messageOf(id, randomBytes(300)))),
  'a frame of an unknown kind': at('HEL', (peer) => peer.raw(frameOf('XYZ', 'F', randomBytes(100)))),
  'a frame shorter than its own header': at('HEL', (peer) => peer.raw(Buffer.concat([Buffer.from('ACKF'), words(3)]))),
  'half a frame, then the end': at('CreateSessionRequest', (peer, request) => {
    const frame = peer.messageOf(request.id, honest(request, peer))
    peer.socket.end(frame.subarray(0, frame.length >> 1))
  }),
  'reset in the middle of a frame': at('CreateSessionRequest', (peer, request) => {
    const frame = peer.messageOf(request.id, honest(request, peer))
    peer.socket.write(frame.subarray(0, frame.length >> 1), () => peer.socket.resetAndDestroy())
  }),
  'one byte at a time': at('CreateSessionRequest', (peer, request) => drip(peer, peer.messageOf(request.id, honest(request, peer)), 100)),
  'an error with a long story': at('HEL', (peer) => {
    const story = Buffer.alloc(1 << 20, 'x')
    peer.raw(frameOf('ERR', 'F', words(0x80070000, story.length), story))
  })
}

export const WRONG_LENGTHS: Tricks = {
  'an ACK without limits and a frame of 4 GB': () => (step, peer) => {
    if (step === 'HEL') peer.ack({ buffer: MOST, size: MOST, chunks: MOST })
    else if (step === 'CreateSessionRequest') {
      peer.raw(Buffer.concat([Buffer.from('MSGF'), words(MOST, peer.channel, peer.token, 2, 2)]))
      const piece = Buffer.alloc(65_536)
      flood(peer, () => piece)
    }
    return step === 'HEL' || step === 'CreateSessionRequest'
  },
  'an ACK with limits of nothing': at('HEL', (peer) => peer.ack({ buffer: 1, size: 1, chunks: 1 })),
  'chunks without an end': at('CreateSessionRequest', (peer, { id }) => {
    const piece = Buffer.alloc(60_000)
    flood(peer, () => peer.messageOf(id, piece, 'C'))
  }),
  'small chunks without an end': at('CreateSessionRequest', (peer, { id }) => {
    flood(peer, () => Buffer.concat(Array.from({ length: 500 }, () => peer.messageOf(id, Buffer.alloc(1), 'C'))))
  }),
  'chunks of many requests without an end': at('CreateSessionRequest', (peer) => {
    const piece = Buffer.alloc(1000)
    let id = 1000
    flood(peer, () => Buffer.concat(Array.from({ length: 60 }, () => peer.messageOf(id++, piece, 'C'))))
  }),
  'aborted chunks without an end': at('CreateSessionRequest', (peer, { id }) => {
    flood(peer, () => Buffer.concat(Array.from({ length: 500 }, () => peer.messageOf(id, words(0x80070000, 0), 'A'))))
  }),
  'an array that says it is endless': at('CreateSessionRequest', (peer, request) => {
    const body = honest(request, peer)
    // The certificate and the list of endpoints come after the two ids; from there on all lengths are the greatest.
    body.fill(0x7f, 60)
    peer.raw(peer.messageOf(request.id, body))
  })
}

export const SILENCE: Tricks = {
  'silence after accept': silentAt('HEL'),
  'silence after ACK': silentAt('OPN'),
  'silence after the open channel': () => (step) => step === 'GetEndpointsRequest' || step === 'CreateSessionRequest',
  'silence after the session': silentAt('ActivateSessionRequest'),
  'silence to every read': silentAt('ReadRequest'),
  'silence to the subscription': silentAt('CreateSubscriptionRequest'),
  'silence to the monitored items': silentAt('CreateMonitoredItemsRequest'),
  'silence to every publish': silentAt('PublishRequest')
}

const endpointsOf = (request: UaRequest, urls: readonly string[]) =>
  new opcua.GetEndpointsResponse({
    responseHeader: { requestHandle: request.body.requestHeader.requestHandle, serviceResult: StatusCodes.Good },
    endpoints: urls.flatMap((url) => endpointsAt(url))
  })

export const WRONG_WORDS: Tricks = {
  'replies to requests that nobody made': at('CreateSessionRequest', (peer, request) =>
    peer.raw(peer.messageOf(request.id + 1000, honest(request, peer)))
  ),
  'replies in another channel': at('CreateSessionRequest', (peer, request) => {
    peer.channel = 4711
    peer.raw(peer.messageOf(request.id, honest(request, peer)))
  }),
  'replies with another token': at('CreateSessionRequest', (peer, request) => {
    peer.token = 4711
    peer.raw(peer.messageOf(request.id, honest(request, peer)))
  }),
  'a reply of another service': at('CreateSessionRequest', (peer, request) => peer.reply(request, endpointsOf(request, []))),
  'every reply a thousand times': () => (step, peer, request) => {
    if (request.name === '' || step === 'OPN' || step === 'CLO' || step === 'PublishRequest') return false
    const body = honest(request, peer)
    for (let i = 0; i < 1000; i++) peer.raw(peer.messageOf(request.id, body))
    return true
  },
  'a list of ten thousand endpoints': () => (step, peer, request) => {
    const many = Array.from({ length: 10_000 }, (_, i) => `opc.tcp://10.0.${i >> 8}.${i & 255}:4840`)
    if (step === 'GetEndpointsRequest') peer.reply(request, endpointsOf(request, many))
    else if (step === 'CreateSessionRequest') {
      const reply = sessionReply(request, '')
      reply.serverEndpoints = many.flatMap((url) => endpointsAt(url))
      peer.reply(request, reply)
    }
    return step === 'GetEndpointsRequest' || step === 'CreateSessionRequest'
  },
  'a session of no time': at('CreateSessionRequest', (peer, request) => {
    const reply = sessionReply(request, '')
    reply.revisedSessionTimeout = 0
    peer.reply(request, reply)
  }),
  'a session of no number of milliseconds': at('CreateSessionRequest', (peer, request) => {
    const reply = sessionReply(request, '')
    reply.revisedSessionTimeout = Number.NaN
    peer.reply(request, reply)
  }),
  'a channel that must be renewed at once': at('OPN', (peer, request) => {
    const reply = honestReply(request, peer, '')
    if (reply instanceof opcua.OpenSecureChannelResponse) {
      reply.securityToken.revisedLifetime = 1
      peer.raw(peer.openOf(request.id, reply))
    }
  }),
  'a fault for every request': () => (_step, peer, request) => {
    if (request.name === '' || request.name.endsWith('ChannelRequest')) return false
    peer.reply(request, faultOf(request, StatusCodes.BadInternalError))
    return true
  }
}

export const INVITATIONS: Tricks = {
  'the end as soon as there is a session': at('ActivateSessionRequest', (peer) => peer.socket.end()),
  'a reset as soon as there are items': at('CreateMonitoredItemsRequest', (peer) => peer.socket.resetAndDestroy()),
  'a session that is closed again and again': () => (step, peer, request) => {
    if (!['ReadRequest', 'PublishRequest', 'CreateSubscriptionRequest'].includes(step)) return false
    peer.reply(request, faultOf(request, StatusCodes.BadSessionIdInvalid))
    return true
  },
  'a channel that is unknown again and again': () => (step, peer, request) => {
    if (!['ReadRequest', 'PublishRequest', 'CreateSubscriptionRequest'].includes(step)) return false
    peer.reply(request, faultOf(request, StatusCodes.BadSecureChannelIdInvalid))
    return true
  },
  'a server that is about to stop, for ever': () => (step, peer, request) => {
    if (step !== 'PublishRequest') return false
    peer.reply(request, faultOf(request, StatusCodes.BadShutdown))
    return true
  },
  'no subscription, at once and always': () => (step, peer, request) => {
    if (step !== 'PublishRequest') return false
    peer.reply(request, faultOf(request, StatusCodes.BadNoSubscription))
    return true
  },
  'too many publish requests, always': () => (step, peer, request) => {
    if (step !== 'PublishRequest') return false
    peer.reply(request, faultOf(request, StatusCodes.BadTooManyPublishRequests))
    return true
  },
  'go elsewhere': () => (step, peer, request) => {
    // Port 1 of this machine: nobody listens there, and an attempt would be told as refused.
    if (step === 'GetEndpointsRequest') peer.reply(request, endpointsOf(request, ['opc.tcp://127.0.0.1:1']))
    else if (step === 'CreateSessionRequest') peer.reply(request, sessionReply(request, 'opc.tcp://127.0.0.1:1'))
    return step === 'GetEndpointsRequest' || step === 'CreateSessionRequest'
  }
}
