// A server that names no limit, or a wrong one, and refuses what is too large for it.
import { expect, it } from 'vitest'
import { Chunks } from '../../../agent/opcua/chunks.ts'
import { OpcUaFault } from '../../../agent/opcua/fault.ts'

const tooMany = () => new OpcUaFault('OPCUA_SERVICE', { value: 0x80100000, name: 'BadTooManyOperations' }, 'too many')

it('asks for less and less until the server takes it, and remembers that', async () => {
  const chunks = new Chunks(1000)
  const sizes: number[] = []
  const taken: number[] = []
  const ask = async (some: readonly number[]) => {
    sizes.push(some.length)
    if (some.length > 300) throw tooMany()
    taken.push(...some)
  }
  const items = Array.from({ length: 600 }, (_, i) => i)
  await chunks.each(items, ask)
  expect(taken).toEqual(items)
  expect(sizes).toEqual([600, 300, 300])
  await chunks.each(items, ask)
  expect(sizes.slice(3)).toEqual([300, 300])
})

it('gives up on one item that is too large, and on every other fault', async () => {
  const refuse = async () => {
    throw tooMany()
  }
  await expect(new Chunks(8).each([1, 2, 3], refuse)).rejects.toMatchObject({ statusName: 'BadTooManyOperations' })
  const other = async () => {
    throw new OpcUaFault('OPCUA_TIMEOUT', { value: 0x800a0000, name: 'BadTimeout' }, 'late')
  }
  await expect(new Chunks(8).each([1, 2, 3], other)).rejects.toMatchObject({ statusName: 'BadTimeout' })
})
