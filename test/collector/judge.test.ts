// The guard around the rules: what throws is counted, named once in the log, and stops nothing; kept state survives or is refused whole.
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { decode } from '#contract/codec.ts'
import { Engine, type Judged } from '#rules/engine.ts'
import { createLog } from '#runtime/log.ts'
import type { Database } from '#runtime/sqlite.ts'
import { Judge } from '../../collector/judge.ts'
import { openCollectorDatabase } from '../../collector/store/database.ts'
import { temporaryFolder } from '../parts/wait.ts'
import { TEST_PACK } from '../pipeline/packs.ts'
import { START, Voice } from '../pipeline/voice.ts'

let database: Database
const lines: string[] = []
const log = createLog({ name: 'test', destination: { write: (line) => void lines.push(line) } })
const voice = new Voice()
const birth = decode('birth', voice.birth().payload)

function high(second: number): Judged {
  const sample = { tags: [1], times: [START + second * 1000], values: [12], qualities: [0] }
  return { site: 'east', agent: 'edge-1', tagMap: 1, view: 'polled', ...sample }
}

beforeEach(async () => {
  lines.length = 0
  database = openCollectorDatabase({ file: join(await temporaryFolder(), 'collector.db') })
})

describe('a judge', () => {
  it('goes on when the engine throws, counts it and says so once a minute', () => {
    let broken = true
    class Broken extends Engine {
      override judge(batch: Judged) {
        if (broken) throw new Error('our own fault')
        return super.judge(batch)
      }
    }
    let now = 1_000_000
    const judge = new Judge({ engine: new Broken({ packs: [TEST_PACK] }), database, log, now: () => now })
    judge.know(birth)
    judge.judgeStored(high(1))
    judge.judgeStored(high(2))
    now += 61_000
    judge.judgeStored(high(3))
    expect([judge.faults, judge.lastFault, judge.hasFound]).toEqual([3, now, false])
    expect(lines.filter((line) => line.includes('our own fault'))).toHaveLength(2)
    broken = false
    judge.judgeStored(high(4))
    expect(judge.found().map(({ rule }) => rule)).toEqual(['test/level'])
    expect(judge.found()).toEqual([])
  })

  it('remembers over a restart what it has told', () => {
    const judge = new Judge({ engine: new Engine({ packs: [TEST_PACK] }), database, log })
    judge.know(birth)
    judge.judgeStored(high(1))
    expect(judge.found()).toHaveLength(1)
    judge.keep(new Map([['east/edge-1', START + 1000]]))
    const next = new Judge({ engine: new Engine({ packs: [TEST_PACK] }), database, log })
    expect(next.restore()?.judgedTo).toEqual(new Map([['east/edge-1', START + 1000]]))
    next.know(birth)
    next.judgeStored(high(1))
    next.judgeStored(high(2))
    expect(next.found()).toEqual([])
  })

  it('starts anew, and says so, when the kept state is of no use', () => {
    const judge = () => new Judge({ engine: new Engine({ packs: [TEST_PACK] }), database, log })
    expect(judge().restore()).toBeNull()
    expect(lines).toEqual([])
    for (const state of ['{', '{"version":99}', 'null']) {
      database.prepare('INSERT OR REPLACE INTO judgement VALUES (1, 5, ?, ?)').run(state, '[]')
      expect(judge().restore()).toBeNull()
    }
    expect(lines.filter((line) => line.includes('start anew'))).toHaveLength(3)
  })
})
