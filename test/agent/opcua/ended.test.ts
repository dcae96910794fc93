// What an OPC UA source makes of answers that come when it has given a connection up already.
import * as opcua from 'node-opcua'
import { expect, it } from 'vitest'
import { isBad } from '#contract/quality.ts'
import { faultOf } from '../../parts/opcua-honest.ts'
import { RawOpcuaServer } from '../../parts/opcua-raw-server.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'
import { readServer } from './reading.ts'

const FAULT = opcua.StatusCodes.BadInternalError

const asks = (body: object, name: string): boolean =>
  body instanceof opcua.ReadRequest && (body.nodesToRead ?? []).some(({ nodeId }) => nodeId.value === name)

it('is not taken for a server that is read, and hides no gap', async () => {
  await using server = await RawOpcuaServer.start()
  const tags = [
    { name: 'a', node: 'ns=1;s=a', cadenceMs: 100 },
    { name: 'b', node: 'ns=1;s=b', cadenceMs: 150 }
  ]
  await using reading = await readServer({ endpoint: server.endpoint, read: 'poll', tags }, await temporaryFolder())
  const good = (tag: string, since = 0) => reading.of(tag).find(({ time, quality }) => time >= since && !isBad(quality))
  await until(() => good('a') && good('b'), { what: 'values' })
  let refused = false
  let closing = false
  let again = 0
  const held: (() => void)[] = []
  server.trick = (step, peer, request) => {
    if (step === 'CreateSessionRequest') again = Date.now()
    // The answer about b waits until the agent is about to leave for what it was told about a.
    if (!closing && asks(request.body, 'b')) {
      held.push(() => peer.reply(request, new opcua.ReadResponse(readOf(request.body))))
      return true
    }
    if (!refused && held.length > 0 && asks(request.body, 'a')) {
      refused = true
      peer.reply(request, faultOf(request, FAULT))
      return true
    }
    if (step !== 'CloseSessionRequest' || closing) return false
    closing = true
    for (const answer of held) answer()
    setTimeout(() => peer.reply(request, new opcua.CloseSessionResponse({ responseHeader: headerOf(request.body) })), 300)
    return true
  }
  await until(() => again > 0 && good('a', again) && good('b', again), { what: 'values again', timeoutMs: 20_000 })
  const bad = reading.of('b').findIndex(({ quality }) => quality === FAULT.value)
  const next = reading
    .of('b')
    .slice(bad + 1)
    .find(({ quality }) => !isBad(quality))
  expect(next?.time).toBeGreaterThanOrEqual(again)
  expect(reading.missed).toEqual([expect.objectContaining({ reason: 'device-silent', samples: null })])
  expect(reading.missed[0]?.to).toBeGreaterThanOrEqual(again)
  expect(reading.source.health().failures).toEqual({ [FAULT.name]: 1 })
}, 30_000)

function headerOf(body: { requestHeader: { requestHandle: number } }): opcua.ResponseHeader {
  return new opcua.ResponseHeader({ requestHandle: body.requestHeader.requestHandle, timestamp: new Date() })
}

function readOf(body: { requestHeader: { requestHandle: number } }): opcua.ReadResponseOptions {
  const results = [{ value: { dataType: opcua.DataType.Double, value: 1 }, statusCode: opcua.StatusCodes.Good }]
  return { responseHeader: headerOf(body), results }
}
