// The store in InfluxDB keeps to the common suite, on a real influxd.
import { quietLog } from '#runtime/log.ts'
import { InfluxConfig, InfluxStore } from '../../../collector/store/influx.ts'
import { startInfluxd } from '../../parts/influxd.ts'
import { describeStore } from './suite.ts'

describeStore('InfluxDB store', async () => {
  const influxd = await startInfluxd()
  let places = 0
  return {
    async newPlace() {
      const config = InfluxConfig.parse({ url: influxd.url, database: `place-${++places}`, batchPoints: 700 })
      return {
        async open() {
          const store = new InfluxStore({ config, log: quietLog() })
          await store.start()
          return store
        }
      }
    },
    settle: async () => {},
    stop: () => influxd.stop()
  }
})
