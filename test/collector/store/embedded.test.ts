// The embedded store keeps to the common suite.
import { quietLog } from '#runtime/log.ts'
import { EmbeddedConfig, EmbeddedStore } from '../../../collector/store/embedded.ts'
import { temporaryFolder } from '../../parts/wait.ts'
import { describeStore } from './suite.ts'

describeStore('embedded store', async () => ({
  async newPlace() {
    const directory = await temporaryFolder()
    return {
      async open() {
        const store = new EmbeddedStore({ config: EmbeddedConfig.parse({ directory }), log: quietLog() })
        await store.start()
        return store
      }
    }
  },
  settle: async (store) => {
    if (store instanceof EmbeddedStore) await store.seal()
  },
  stop: async () => {}
}))
