// What the tests of the InfluxDB store share.
import { inspect } from 'node:util'
import { expect } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { InfluxConfig, InfluxStore } from '../../../collector/store/influx.ts'
import { StoreFault } from '../../../collector/store/telemetry.ts'
import { good, T } from './suite-parts.ts'

export const counted = (from: number, count: number) => Array.from({ length: count }, (_, i) => good(T + (from + i) * 1000, from + i))

export async function faultOf(work: Promise<unknown>): Promise<StoreFault> {
  const fault = await work.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error
  )
  if (!(fault instanceof StoreFault)) expect.fail(`not a StoreFault: ${inspect(fault)}`)
  return fault
}

/** Opens stores and stops them when the test is over. */
export class Opening implements AsyncDisposable {
  readonly #stores: InfluxStore[] = []

  async open(settings: Record<string, unknown>, log = quietLog()): Promise<InfluxStore> {
    const store = new InfluxStore({ config: InfluxConfig.parse(settings), log })
    this.#stores.push(store)
    await store.start()
    return store
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#stores) await store.stop()
  }
}
