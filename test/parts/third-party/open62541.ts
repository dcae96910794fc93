// An OPC UA client on open62541, a stack that this project has no part in: a program of its own, compiled when first asked for.
import { execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { atEnd } from '../at-end.ts'
import { temporaryFolder } from '../wait.ts'
import { open62541Prefix } from './open62541-package.ts'

export interface Open62541Client extends AsyncDisposable {
  /** One command of the client, and the lines of words that it answers. */
  ask(command: string): Promise<string[][]>
}

export interface Open62541Options {
  port: number
  /** With it the connection is signed and encrypted; this server certificate, as DER, is the only one that is trusted. */
  trusted?: Buffer
  user?: { name: string; password: string }
}

const alive = new Set<ReturnType<typeof spawn>>()
atEnd(() => {
  for (const child of alive) child.kill('SIGKILL')
})

let built: Promise<string> | undefined

/** Throws with the name of the status when it is not let in. */
export async function open62541Client({ port, trusted, user }: Open62541Options): Promise<Open62541Client> {
  built ??= build()
  const keys = trusted === undefined ? [] : await makeKeys(trusted)
  const words = [`opc.tcp://127.0.0.1:${port}`, ...keys, ...(user === undefined ? [] : [user.name, user.password])]
  const child = spawn(await built, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  alive.add(child)
  const gone = new Promise<void>((resolve) =>
    child.once('close', () => {
      alive.delete(child)
      resolve()
    })
  )
  // A client that ends by itself says so by saying nothing more.
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<string[][]> => {
    const said: string[][] = []
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the client on open62541 has ended')
      if (value === 'done') return said
      said.push(String(value).split('\t'))
    }
  }
  const [[status = ''] = []] = await answer()
  if (status !== 'Good') {
    child.stdin.end()
    await gone
    throw new Error(status)
  }
  return {
    ask(command) {
      child.stdin.write(`${command}\n`)
      return answer()
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await gone
    }
  }
}

async function build(): Promise<string> {
  const program = join(await temporaryFolder(), 'open62541-client')
  const source = fileURLToPath(new URL('open62541-client.c', import.meta.url))
  const multiarch = execFileSync('gcc', ['-print-multiarch'], { encoding: 'utf8' }).trim()
  const libraries = join(open62541Prefix(), 'lib', multiarch)
  // An rpath of the old kind also holds for what the library itself needs.
  const linking = [
    `-I${join(open62541Prefix(), 'include')}`,
    `-L${libraries}`,
    '-lopen62541',
    `-Wl,--disable-new-dtags,-rpath,${libraries}`
  ]
  execFileSync('gcc', ['-O1', '-o', program, source, ...linking])
  return program
}

async function makeKeys(trusted: Buffer): Promise<string[]> {
  const folder = await temporaryFolder()
  const [certificate, pem, key, server] = ['own.der', 'own.pem', 'own.key', 'server.der'].map((name) => join(folder, name))
  if (certificate === undefined || pem === undefined || key === undefined || server === undefined) throw new Error('four names are four')
  const uses = [
    'subjectAltName=URI:urn:penstock:test:open62541,DNS:localhost',
    'keyUsage=digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyCertSign',
    'extendedKeyUsage=clientAuth,serverAuth'
  ].flatMap((one) => ['-addext', one])
  // The library of the server under test leaves settings for openssl behind in the environment.
  const env = { PATH: process.env['PATH'] }
  const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe', env })
  const about = ['-subj', '/CN=open62541', '-days', '2', '-newkey', 'rsa:2048', '-nodes', '-keyout', pem]
  openssl('req', '-x509', ...about, ...uses, '-outform', 'DER', '-out', certificate)
  openssl('rsa', '-in', pem, '-traditional', '-outform', 'DER', '-out', key)
  writeFileSync(server, trusted)
  return [certificate, key, server]
}
