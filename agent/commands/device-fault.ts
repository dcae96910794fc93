// DeviceFault: a device did not give what a command asked it for. Told in one sentence, with exit code 1.
import type { Language } from '#contract/language.ts'
import type { Text } from '#contract/text.ts'
import { EXIT, UsageFault } from '#runtime/command-line.ts'
import { printable } from '#runtime/console-table.ts'
import type { AgentConfig, DeviceConfig } from '../config.ts'
import { ModbusFault } from '../modbus/fault.ts'
import { OpcUaFault } from '../opcua/fault.ts'
import { qualityWords } from './reading-text.ts'

export class DeviceFault extends Error {
  readonly code: string
  readonly exitCode = EXIT.trouble
  readonly text: Text
  constructor(code: string, text: Text, options?: ErrorOptions) {
    super(text.en, options)
    this.name = 'DeviceFault'
    this.code = code
    this.text = text
  }
}

/** What to throw instead: the world's faults get words, ours stay as they are. */
export function deviceFault(device: string, error: unknown): unknown {
  if (!(error instanceof ModbusFault || error instanceof OpcUaFault)) return error
  const status = error instanceof ModbusFault ? error.quality : error.status
  const words = (language: Language) => qualityWords(status, language).text
  const said = printable(error.message)
  const advice = adviceFor(error)
  const text = {
    zh: `设备 ${device}：${words('zh-CN')}（${said}）${advice.zh}`,
    en: `device ${device}: ${words('en')} (${said})${advice.en}`
  }
  return new DeviceFault(error.code, text, { cause: error })
}

function adviceFor(error: ModbusFault | OpcUaFault): Text {
  if (error.code === 'OPCUA_UNTRUSTED')
    return { zh: '。用 penstock agent trust list 查看证书', en: '. See its certificate with penstock agent trust list' }
  if (error instanceof OpcUaFault && error.statusName === 'BadSecurityChecksFailed')
    return {
      zh: '。服务器可能尚未信任采集代理的证书（opcua 文件夹中的 own/certificate.pem），请在服务器上信任它',
      en: '. The server may not trust the certificate of the agent yet (own/certificate.pem in its folder opcua); accept it at the server'
    }
  return { zh: '', en: '' }
}

/** Rejects with UsageFault when the config has no such device. */
export function deviceNamed({ devices }: AgentConfig, id: string): DeviceConfig {
  const found = devices.find((device) => device.id === id)
  if (found !== undefined) return found
  const there = devices.map((device) => device.id).join(', ')
  throw new UsageFault(`配置中没有设备 ${id}，现有：${there}`, `the configuration has no device ${id}, but ${there}`)
}
