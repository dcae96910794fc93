// A recorder of packets that writes a file.
import { closeSync, openSync, writeSync } from 'node:fs'
import { type PcapOptions, PcapRecorder } from '../../simulators/plc/pcap-recorder.ts'

export function pcapFile({ path, ...options }: { path: string } & Omit<PcapOptions, 'write'>): PcapRecorder & Disposable {
  const file = openSync(path, 'w')
  const recorder = new PcapRecorder({ ...options, write: (bytes) => writeSync(file, bytes) })
  return Object.assign(recorder, {
    [Symbol.dispose]: () => {
      recorder.end()
      closeSync(file)
    }
  })
}
