// What every store of samples must do; run against the embedded one and against a real InfluxDB.
import { afterAll, beforeAll, describe } from 'vitest'
import type { TelemetryStore } from '../../../collector/store/telemetry.ts'
import { keeping } from './suite-keeping.ts'
import { comparing } from './suite-model.ts'
import { names } from './suite-names.ts'
import type { Stores, Subject } from './suite-parts.ts'
import { values } from './suite-values.ts'

export function describeStore(name: string, start: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject
    const opened: TelemetryStore[] = []

    beforeAll(async () => {
      subject = await start()
    })
    afterAll(async () => {
      for (const store of opened) await store.stop()
      await subject.stop()
    })

    const stores: Stores = {
      newPlace: () => subject.newPlace(),
      settle: (store) => subject.settle(store),
      async open(place) {
        const store = await place.open()
        opened.push(store)
        return store
      },
      fresh: async () => stores.open(await subject.newPlace()),
      async bothWays(store, check) {
        await check()
        await subject.settle(store)
        await check()
      }
    }
    keeping(stores)
    values(stores)
    names(stores)
    comparing(stores)
  })
}
