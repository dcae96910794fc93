// Silence: a wait that begins anew with each byte, and is not taken for over when the process itself was held up.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Quiet } from '../../../agent/modbus/quiet.ts'

let now = 0
const turn = (ms: number) => {
  now += ms
  vi.advanceTimersByTime(ms)
}

beforeEach(() => {
  now = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] })
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  return () => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  }
})

describe('quiet', () => {
  it('is told once, after its time and a look at the sockets', () => {
    const done = vi.fn()
    new Quiet().wait(20, done)
    vi.advanceTimersToNextTimer()
    expect(done).not.toHaveBeenCalled()
    vi.advanceTimersToNextTimer()
    expect(done).toHaveBeenCalledTimes(1)
    turn(1000)
    expect(done).toHaveBeenCalledTimes(1)
  })

  it('begins anew with each byte, and no more when it is over', () => {
    const quiet = new Quiet()
    const done = vi.fn()
    quiet.wait(20, done)
    for (let i = 0; i < 5; i++) {
      turn(19)
      quiet.broken()
    }
    expect(done).not.toHaveBeenCalled()
    turn(21)
    expect(done).toHaveBeenCalledTimes(1)
    quiet.broken()
    turn(100)
    expect(done).toHaveBeenCalledTimes(1)
  })

  it('is not told after it was stopped, also between the timer and the look at the sockets', () => {
    const quiet = new Quiet()
    const done = vi.fn()
    quiet.wait(20, done)
    quiet.stop()
    turn(100)
    quiet.wait(20, done)
    vi.advanceTimersToNextTimer()
    quiet.stop()
    turn(100)
    quiet.broken()
    turn(100)
    expect(done).not.toHaveBeenCalled()
  })

  it('gives up a wait for another', () => {
    const quiet = new Quiet()
    const [first, second] = [vi.fn(), vi.fn()]
    quiet.wait(20, first)
    quiet.wait(30, second)
    turn(100)
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1])
  })

  // The timer of 20 ms is seen only after so long.
  const heldUp = (ms: number) => {
    now += ms - 20
    turn(21)
  }

  it.each([
    [9, 1],
    [10, 0],
    [50, 0]
  ])('of a process that was held up for %d ms is told %d times', (late, times) => {
    const done = vi.fn()
    new Quiet().wait(20, done)
    heldUp(20 + late)
    expect(done).toHaveBeenCalledTimes(times)
    turn(21)
    expect(done).toHaveBeenCalledTimes(1)
  })

  it('is believed at the sixth time, so that a machine that is always late gets on', () => {
    const quiet = new Quiet()
    const done = vi.fn()
    quiet.wait(20, done)
    for (let i = 0; i < 5; i++) heldUp(60)
    expect(done).not.toHaveBeenCalled()
    // A byte gives it as many again.
    quiet.broken()
    for (let i = 0; i < 5; i++) heldUp(60)
    expect(done).not.toHaveBeenCalled()
    heldUp(60)
    expect(done).toHaveBeenCalledTimes(1)
  })
})
