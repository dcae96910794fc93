// From the reset of a connection to the bad sample: the read under way ends with the event and waits for no timeout.
import { expect, it } from 'vitest'
import { BAD_CONNECTION_CLOSED, GOOD } from '#contract/quality.ts'
import { type Frames, HostilePlc, type Request } from '../../parts/hostile-plc.ts'
import { readDevices } from '../../parts/reading-devices.ts'
import { until } from '../../parts/wait.ts'

const protocolOf = (frames: Frames) => (frames === 'rtu' ? 'modbus-rtu-over-tcp' : 'modbus-tcp')

// On a line without ids the unit is let alone for a time after each reset, so fewer of them and a shorter time.
it.each([
  ['mbap', 8, 10_000],
  ['rtu', 4, 600]
] as const)('with %s frames a reset is a bad sample before the timeout', async (frames, times, timeoutMs) => {
  let pending: Request | undefined
  let answering = true
  await using plc = await HostilePlc.start(frames, {
    asked(request) {
      if (answering) request.socket.write(request.reply([3, 2, ...request.pdu.subarray(1, 3)]))
      else pending = request
    }
  })
  const tags = [{ name: 'level', at: 'holding 10 uint16' }]
  await using devices = readDevices([{ protocol: protocolOf(frames), port: plc.port, timeoutMs, tags }])
  const took: number[] = []
  for (let i = 0; i < times; i++) {
    answering = true
    await until(() => devices.last('level')?.quality === GOOD, { what: 'a good sample' })
    answering = false
    pending = undefined
    const asked = await until(() => pending, { what: 'a request under way' })
    const before = devices.samples.length
    const at = performance.now()
    asked.socket.resetAndDestroy()
    await until(() => devices.samples.length > before, { what: 'the sample', everyMs: 1 })
    took.push(performance.now() - at)
    // The first sample after the event is the bad one.
    expect(devices.samples[before]).toMatchObject({ value: null, quality: BAD_CONNECTION_CLOSED })
  }
  // Generous, for a machine that is busy with other things; the figure itself is printed.
  expect(Math.max(...took)).toBeLessThan(timeoutMs)
  const sorted = took.toSorted((a, b) => a - b)
  console.log(`reset to bad sample, ${frames}: median ${sorted[times >> 1]?.toFixed(1)} ms, longest ${sorted.at(-1)?.toFixed(1)} ms`)
})
