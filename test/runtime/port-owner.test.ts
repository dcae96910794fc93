// Who has a port: asked of the real kernel about a real other program, and of tables as the kernel writes them.
import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import { listeners, portOwner } from '#runtime/port-owner.ts'
import { faultOf } from '#runtime/start-fault.ts'
import { atEnd } from '../parts/at-end.ts'
import { runCommand } from '../parts/command.ts'
import { freePort } from '../parts/wait.ts'

const alive = new Set<ChildProcess>()
const end = () => {
  for (const child of alive) child.kill('SIGKILL')
  alive.clear()
}
atEnd(end)
afterEach(end)

async function otherProgram(host = '127.0.0.1'): Promise<{ port: number; pid: number | undefined }> {
  const listen = `require('node:net').createServer().listen(0, '${host}', function () { console.log(this.address().port) })`
  const child = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] })
  alive.add(child)
  const port = await new Promise<number>((resolve) => child.stdout.once('data', (text) => resolve(Number(text))))
  return { port, pid: child.pid }
}

describe('the owner of a port', () => {
  it.each(['127.0.0.1', '::1', '::'])('is the program that listens on %s', async (host) => {
    const { port, pid } = await otherProgram(host)
    expect(portOwner(port)).toEqual({ name: 'node', pid })
  })

  it('is nobody where nobody listens', async () => {
    expect(portOwner(await freePort())).toBeNull()
  })

  it('is looked for among listening sockets only', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:12E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0',
      '   1: 0100007F:12E8 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 20 4 30 10 -1',
      '   2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000 100 0 0 10 0',
      'nothing of the kind'
    ].join('\n')
    expect(listeners(table, 4840)).toEqual(['socket:[4711]'])
    expect(listeners(table, 80)).toEqual([])
    expect(listeners(table, 50_000)).toEqual([])
  })

  it('is not said where it is not known', () => {
    const error = Object.assign(new Error('taken'), { code: 'EADDRINUSE', syscall: 'listen', address: '10.0.0.1', port: 1 })
    const told = faultOf(error, 'en')?.text
    expect(told).toBe('10.0.0.1:1: the port is in use; choose another or stop the program that has it (EADDRINUSE)')
  })
})

describe('a simulator whose port is taken', () => {
  it.each([
    ['Modbus', ['--modbus', 'PORT']],
    ['OPC UA', ['--modbus', ':0', '--opcua', 'PORT']],
    ['the mimic page', ['--modbus', ':0', '--web', 'PORT']]
  ])(
    'ends and says by whom: %s',
    async (_name, words) => {
      const { port, pid } = await otherProgram()
      const asked = words.map((word) => word.replace('PORT', `:${port}`))
      const said = async (language: string) => {
        const { code, stderr } = await runCommand('--language', language, 'simulate', 'water', ...asked)
        return [code, stderr.trim().split('\n').at(-1)]
      }
      const en = `127.0.0.1:${port}: port ${port} is taken by node (pid ${pid}); choose another or stop that program (EADDRINUSE)`
      expect(await said('en')).toEqual([1, en])
      const zh = `127.0.0.1:${port}：端口 ${port} 已被 node（进程 ${pid}）占用，请换用其他端口或先停止该程序（EADDRINUSE）`
      expect(await said('zh-CN')).toEqual([1, zh])
    },
    60_000
  )

  it('refuses to use one port twice itself', async () => {
    const { code, stderr } = await runCommand('--language', 'en', 'simulate', 'gas', '--modbus', ':5020', '--web', ':5020')
    expect([code, stderr.trim()]).toEqual([2, expect.stringContaining('127.0.0.1:5020 is asked for twice')])
  }, 30_000)
})
