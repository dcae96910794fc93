// The question to a time server and its answer: what is believed, and what is not.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { askTimeServer, readAnswer, TimeServerFault } from '../../agent/sntp.ts'
import { type Answer, answerTo, startTimeServer } from './time-server.ts'

const NEVER = new AbortController().signal
const HOUR = 3_600_000

async function ask(answer: (question: Buffer) => readonly Buffer[], timeoutMs = 5000) {
  await using server = await startTimeServer(answer)
  return await askTimeServer({ host: '127.0.0.1', port: server.port, timeoutMs, signal: NEVER })
}

const refusal = async (answer: Answer): Promise<unknown> =>
  ask((question) => [answerTo(question, answer)], 400).catch((error: unknown) => error)

describe('a time server', () => {
  it.each([-HOUR, -700, 0, 700, HOUR])('that is %d ms ahead shows the clock as much behind', async (ahead) => {
    const { offsetMs, roundTripMs, stratum } = await ask((question) => [answerTo(question, { receivedAt: Date.now() + ahead })])
    expect(Math.abs(offsetMs + ahead)).toBeLessThanOrEqual(roundTripMs / 2 + 2)
    expect(stratum).toBe(2)
  })

  it('may take its time between question and answer', async () => {
    const { roundTripMs, offsetMs } = await ask((question) => {
      const at = Date.now()
      return [answerTo(question, { receivedAt: at, answeredAt: at })]
    })
    expect(roundTripMs).toBeGreaterThanOrEqual(0)
    expect(Math.abs(offsetMs)).toBeLessThanOrEqual(roundTripMs / 2 + 2)
  })

  it('learns nothing of our clock from the question, and never sees the same one twice', async () => {
    await using server = await startTimeServer((question) => [answerTo(question, {})])
    for (let i = 0; i < 2; i++) await askTimeServer({ host: '127.0.0.1', port: server.port, timeoutMs: 5000, signal: NEVER })
    const [one = Buffer.alloc(0), two = Buffer.alloc(0)] = server.asked
    expect([one.length, one[0]]).toEqual([48, 0x23])
    expect(one.subarray(1, 40).every((byte) => byte === 0)).toBe(true)
    expect(one.subarray(40)).not.toEqual(two.subarray(40))
  })

  it('is understood after 2036, when its seconds begin anew', () => {
    const nonce = Buffer.alloc(8, 7)
    const at = Date.UTC(2040, 0, 1)
    expect(readAnswer(answerTo(Buffer.alloc(48), { origin: nonce, receivedAt: at }), nonce)).toMatchObject({
      receivedAt: at,
      answeredAt: at
    })
  })

  it.each([
    ['asks to be left alone', { stratum: 0, code: 'RATE' }, 'asks to be left alone (RATE)'],
    ['is not synchronised', { first: 0xe4 }, 'is not synchronised itself'],
    ['has a stratum that does not exist', { stratum: 16 }, 'is not synchronised itself'],
    ['answered before it was asked', { receivedAt: 2_000_000_000_000, answeredAt: 1_999_999_999_000 }, 'sends times that cannot be']
  ])('that %s is not believed', async (_what, answer, words) => {
    const error = await refusal(answer)
    expect(error).toBeInstanceOf(TimeServerFault)
    expect(error).toMatchObject({ code: 'TIME_SERVER_REFUSED', message: expect.stringContaining(words) })
  })

  it.each([
    ['echoes another origin', (question: Buffer) => answerTo(question, { origin: Buffer.alloc(8, 1) })],
    ['speaks as a client', (question: Buffer) => answerTo(question, { first: 0x23 })],
    ['cuts its answer short', (question: Buffer) => answerTo(question, {}).subarray(0, 47)],
    ['sends the question back', (question: Buffer) => question]
  ])('that %s has not answered', async (_what, packet) => {
    const error = await ask((question) => [packet(question)], 300).catch((one: unknown) => one)
    expect(error).toMatchObject({ code: 'TIME_SERVER_SILENT' })
    // The true answer behind a forged one still counts.
    expect(await ask((question) => [packet(question), answerTo(question, {})])).toMatchObject({ stratum: 2 })
  })

  it('cannot keep us with packets without end', async () => {
    const flood = ask((question) => Array.from({ length: 40 }, () => answerTo(question, { origin: Buffer.alloc(8) })))
    await expect(flood).rejects.toMatchObject({ code: 'TIME_SERVER_REFUSED' })
  })

  it('that is silent or has a closed port is told so, and a stop ends the wait', async () => {
    await expect(ask(() => [], 200)).rejects.toMatchObject({ code: 'TIME_SERVER_SILENT' })
    const { port } = await startTimeServer(() => []).then(async (server) => {
      await server[Symbol.asyncDispose]()
      return server
    })
    const closed = askTimeServer({ host: '127.0.0.1', port, timeoutMs: 5000, signal: NEVER })
    await expect(closed).rejects.toMatchObject({ code: 'TIME_SERVER_UNREACHABLE' })
    await using server = await startTimeServer(() => [])
    const stop = new AbortController()
    const waiting = askTimeServer({ host: '127.0.0.1', port: server.port, timeoutMs: 60_000, signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })

  it('may send any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes, nonce) => {
        const read = readAnswer(Buffer.from(bytes), Buffer.from(nonce))
        if (typeof read === 'string') return read.length > 0
        return read.stratum >= 1 && read.stratum <= 15 && read.answeredAt >= read.receivedAt
      })
    )
  })
})
