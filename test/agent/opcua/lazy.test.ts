// An agent without OPC UA devices does not pay for OPC UA.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../parts/wait.ts'

// Which files of the library were loaded, told by a resolve hook in the process itself.
const HOOKS = `
import { registerHooks } from 'node:module'
registerHooks({ resolve: (specifier, context, next) => {
  const found = next(specifier, context)
  if (found.url.includes('/node_modules/node-opcua')) process.opcua = (process.opcua ?? 0) + 1
  return found
} })`
const PROGRAM = (root: string, file: string) => `
import { readConfig } from '${root}/runtime/config-file.ts'
import { quietLog } from '${root}/runtime/log.ts'
import { AgentConfig } from '${root}/agent/config.ts'
import { Agent } from '${root}/agent/agent.ts'
const { config, hash } = await readConfig({ file: '${file}', schema: AgentConfig })
const agent = new Agent({ config, hash, log: quietLog() })
await agent.start()
console.log('loaded', process.opcua ?? 0)
await agent.stop()
process.exit(0)`
const YAML = (device: string) => `
agent: edge-1
site: { id: east, title: { zh: 东, en: East }, sector: water }
broker: { url: mqtt://127.0.0.1:9 }
outbox: { file: outbox.db }
devices:
  - ${device}
`

it('loads the library only when there is an OPC UA device', async () => {
  const root = new URL('../../..', import.meta.url).pathname
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'hooks.mjs'), HOOKS)
  const loaded = async (device: string) => {
    const file = join(folder, 'agent.yaml')
    await writeFile(file, YAML(device))
    await writeFile(join(folder, 'program.mjs'), PROGRAM(root, file))
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', join(folder, 'hooks.mjs'), join(folder, 'program.mjs')], {
      cwd: root
    })
    return Number(/loaded (\d+)/.exec(stdout)?.[1])
  }
  expect(await loaded('{ id: a, protocol: modbus-tcp, host: 127.0.0.1, port: 9, tags: [{ name: x, at: coil 0 }] }')).toBe(0)
  expect(await loaded('{ id: a, protocol: opcua, endpoint: opc.tcp://127.0.0.1:9, tags: [{ name: x, node: i=2258 }] }')).toBeGreaterThan(10)
}, 60_000)
