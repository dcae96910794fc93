// The key of an agent on disk: made once, for its owner only, and every reason why it cannot be used told with what to do.
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkSigningKey, openSigningKey, signingKeyFile } from '../../agent/signing-key.ts'
import { temporaryFolder } from '../parts/wait.ts'

const newFile = async () => join(await temporaryFolder(), 'deep', 'agent-key.pem')

it('is made at the first start beside the outbox, readable by its owner only, and is the same at the next', async () => {
  const file = await newFile()
  checkSigningKey({ file })
  expect(existsSync(file)).toBe(false)
  const { publicKey } = openSigningKey({ file })
  expect(Buffer.from(publicKey, 'base64')).toHaveLength(32)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(openSigningKey({ file }).publicKey).toBe(publicKey)
  expect(readdirSync(join(file, '..'))).toEqual(['agent-key.pem'])
  expect(signingKeyFile({ key: undefined, outbox: '/data/outbox.db' })).toBe('/data/agent-key.pem')
  expect(signingKeyFile({ key: '/keys/mine.pem', outbox: '/data/outbox.db' })).toBe('/keys/mine.pem')
})

it('is refused while others may read it', async () => {
  const file = await newFile()
  openSigningKey({ file })
  for (const mode of [0o640, 0o604, 0o660]) {
    chmodSync(file, mode)
    expect(() => openSigningKey({ file })).toThrow(
      expect.objectContaining({ code: 'SECRET_FAULT', message: expect.stringContaining(`chmod 600 ${file}`) })
    )
    expect(() => checkSigningKey({ file })).toThrow(/open to other users/)
  }
})

it('is refused when it is no Ed25519 key, and is never overwritten', async () => {
  const file = await newFile()
  openSigningKey({ file })
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })
  for (const content of ['', 'torn', String(curve), 'x'.repeat(10_000)]) {
    writeFileSync(file, content)
    expect(() => openSigningKey({ file })).toThrow(/no Ed25519 private key/)
    expect(readFileSync(file, 'utf8')).toBe(content)
  }
})

it('leaves a folder that cannot be made to the machine to explain, and names a file that cannot be written', () => {
  expect(() => openSigningKey({ file: '/proc/penstock/agent-key.pem' })).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  expect(() => openSigningKey({ file: '/proc/agent-key.pem' })).toThrow(
    expect.objectContaining({ code: 'SECRET_FAULT', message: expect.stringContaining('cannot be made') })
  )
})
