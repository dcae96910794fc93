// Serial lines of pseudo terminals made by socat: between two programs, or between a program and a TCP server that plays a device.
import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ServerProcess } from './server-process.ts'
import { temporaryFolder } from './wait.ts'

export interface SerialPair extends AsyncDisposable {
  /** The two ends; with a TCP server, only the first. */
  near: string
  far: string
}

const end = (link: string) => `pty,raw,echo=0,link=${link}`

async function socat(near: string, other: string, ends: readonly string[]): Promise<ServerProcess> {
  const process = new ServerProcess({
    command: 'socat',
    arguments: [end(near), other],
    answers: async () => {
      await Promise.all(ends.map((path) => stat(path)))
      return true
    }
  })
  await process.start()
  return process
}

export async function serialPair(): Promise<SerialPair> {
  const folder = await temporaryFolder()
  const [near, far] = [join(folder, 'near'), join(folder, 'far')]
  const process = await socat(near, end(far), [near, far])
  return { near, far, [Symbol.asyncDispose]: await ending(process, near) }
}

export async function serialLineTo(port: number): Promise<SerialPair> {
  const near = join(await temporaryFolder(), 'near')
  const process = await socat(near, `tcp:127.0.0.1:${port},nodelay`, [near])
  return { near, far: '', [Symbol.asyncDispose]: await ending(process, near) }
}

// socat takes it for the end when nobody has the terminal open, so one more hand is held on it.
async function ending(process: ServerProcess, near: string): Promise<() => Promise<void>> {
  const held = await open(near, constants.O_RDWR | constants.O_NOCTTY)
  return async () => {
    await process.kill()
    await held.close()
  }
}
