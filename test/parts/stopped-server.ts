// A server process that is stopped and whose queue of connections is full: the kernel lets a further SYN wait without an answer.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const PROGRAM = `
const server = require('node:net').createServer()
let count = 0
server.on('connection', () => { count++ })
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port))
process.stdin.on('data', () => console.log(count))
`

export class StoppedServer implements AsyncDisposable {
  readonly port: number
  readonly #child: ChildProcess
  readonly #sockets: Socket[]

  private constructor(child: ChildProcess, port: number, sockets: Socket[]) {
    this.#child = child
    this.port = port
    this.#sockets = sockets
  }

  /** How many connections keep its queue full. */
  get fillers(): number {
    return this.#sockets.length
  }

  static async start(): Promise<StoppedServer> {
    const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] })
    const port = Number(await line(child))
    child.kill('SIGSTOP')
    const sockets: Socket[] = []
    for (;;) {
      const socket = createConnection(port, '127.0.0.1')
      socket.on('error', () => {})
      const open = await Promise.race([once(socket, 'connect').then(() => true), sleep(300, false)])
      if (!open) {
        socket.destroy()
        return new StoppedServer(child, port, sockets)
      }
      sockets.push(socket)
      if (sockets.length > 100) throw new Error('the queue of the stopped server never fills')
    }
  }

  /** Lets the server run, gives the kernel's retries time to arrive, and asks how many connections it has got. */
  async wakeAndCount(): Promise<number> {
    this.#child.kill('SIGCONT')
    await sleep(1500)
    this.#child.stdin?.write('\n')
    return Number(await line(this.#child))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}

async function line(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the server has no output')
  const [chunk] = await once(child.stdout, 'data')
  return String(chunk).trim()
}
