import { AttributeIds } from 'node-opcua'
import { expect, it } from 'vitest'
import { opcuaClient } from './opcua-client.ts'
import { startOpcuaPlc } from './opcua-plc-process.ts'
import { until } from './wait.ts'

it('can be asked, told, killed and started again at the same place with the same certificate', async () => {
  await using plc = await startOpcuaPlc()
  const { port, certificate } = plc
  const read = async (tag: string) => {
    await using client = await opcuaClient({ port })
    return await client.session.read({ nodeId: `ns=1;s=${tag}`, attributeId: AttributeIds.Value })
  }
  plc.fail('zone.pressure', 'BadDeviceFailure')
  plc.write('chlorine.setpoint', 0.75)
  await until(async () => (await read('zone.pressure')).statusCode.name === 'BadDeviceFailure', { what: 'the failure' })
  expect((await read('chlorine.setpoint')).value.value).toBeCloseTo(0.75)
  await plc.kill()
  await plc.restart()
  expect((await read('chlorine.setpoint')).value.value).toBeCloseTo(0.5)
  expect(plc.certificate.equals(certificate)).toBe(true)
})
