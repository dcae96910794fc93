import { symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkApart } from '#runtime/files-apart.ts'
import { temporaryFolder } from '../parts/wait.ts'

async function folder(): Promise<(name: string) => string> {
  const path = await temporaryFolder()
  return (name) => join(path, name)
}

describe('outputs', () => {
  it('do not replace what is read, by whatever name', async () => {
    const at = await folder()
    writeFileSync(at('own.yaml'), 'x')
    symlinkSync('own.yaml', at('link'))
    const refused = { text: { zh: expect.any(String), en: `${at('link')} is read, and would be overwritten` } }
    await expect(checkApart({ reads: [at('own.yaml')], writes: [undefined, at('link')] })).rejects.toMatchObject(refused)
  })

  it('do not replace each other, but may share a stream', async () => {
    const at = await folder()
    // The longer way to the same file, which is not there yet.
    const again = `${dirname(at('b'))}/../${basename(dirname(at('b')))}/b`
    await expect(checkApart({ reads: [], writes: [at('b'), again] })).rejects.toMatchObject({ exitCode: 2 })
    await expect(checkApart({ reads: [], writes: ['/dev/null', '/dev/null', at('a'), at('b')] })).resolves.toBeUndefined()
  })
})
