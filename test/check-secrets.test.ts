// A check connects to nothing, and still says when a secret or certificate stands in the way of a start.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { check } from '../agent/commands/check.ts'
import { checkCollector } from '../collector/main.ts'
import { temporaryFolder } from './parts/wait.ts'

const checkAgent = async (options: Parameters<typeof check>[0]) => (await check(options)).text

const example = (name: string) => new URL(`../deploy/examples/${name}`, import.meta.url).pathname

it('warns of a missing certificate in the language of the reader', async () => {
  expect(await checkAgent({ file: example('agent.compose.yaml'), language: 'en' })).toMatch(
    /warning: certificate file .*certs\/ca\.crt cannot be read/
  )
  expect(await checkAgent({ file: example('agent.compose.yaml'), language: 'zh-CN' })).toMatch(/注意：证书文件 .*certs\/ca\.crt 无法读取/)
})

it('warns of each missing secret of a collector, and of none that is there', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'collector.yaml')
  await writeFile(
    file,
    `data: ./data
broker:
  mode: embedded
  agents:
    - { site: a, agent: b, password: { file: ./there } }
    - { site: a, agent: c, password: { file: ./absent } }
`
  )
  await writeFile(join(folder, 'there'), 'secret')
  const said = await checkCollector({ file, language: 'en' })
  expect(said.match(/warning:/g)).toHaveLength(1)
  expect(said).toContain('absent')
  expect(said).not.toContain('secret file there')
})

it('says nothing of secrets for the example without any', async () => {
  expect(await checkAgent({ file: example('agent.yaml'), language: 'en' })).not.toContain('warning')
})
