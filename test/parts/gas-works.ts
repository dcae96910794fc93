// The gate station under its PLC, for tests that write its registers and read them back.
import type { GasTag } from '../../simulators/plc/gas-map.ts'
import { createGasWorks } from '../../simulators/plc/gas-plc.ts'
import { readTag, tagNamed, writeTag } from '../../simulators/plc/tag-map.ts'
import type { WorksOptions } from '../../simulators/works.ts'

const MORNING = 8 * 3600
const WINTER = 15

export function begin(options: Partial<WorksOptions> = {}) {
  const works = createGasWorks({ seed: 1, startSeconds: MORNING, startDay: WINTER, scanMs: 500, ...options })
  const { plant, plc, map } = works
  return {
    ...{ works, plant, plc },
    run(seconds: number, each: () => void = () => {}) {
      for (let i = 0; i < (seconds * 1000) / plc.scanMs; i++) {
        plc.scan()
        each()
      }
    },
    set: (tag: GasTag, value: number) => writeTag(plc.image, tagNamed(map, tag), value),
    reads: (tag: GasTag) => readTag(plc.image, tagNamed(map, tag))
  }
}
