// The law of the house: who imports whom, one door per dangerous library, file length, words, and a case for every rule.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parsePack } from '#rules/pack.ts'

const root = new URL('..', import.meta.url).pathname
// What is in the work tree and not ignored, so that a new file is judged before it is committed.
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(root + file))
const sources = files.filter((file) => /\.(ts|tsx|js)$/.test(file))
const read = (file: string) => readFileSync(root + file, 'utf8')
const folderOf = (file: string) => (file.includes('/') ? (file.split('/')[0] ?? '') : '')

const OURS = ['contract', 'runtime', 'rules', 'agent', 'collector', 'simulators', 'console', 'pki', 'range']
const MAY_IMPORT: Record<string, readonly string[]> = {
  contract: [],
  runtime: ['contract'],
  rules: ['contract'],
  agent: ['contract', 'runtime'],
  collector: ['contract', 'runtime', 'rules'],
  simulators: ['contract', 'runtime'],
  console: ['contract'],
  pki: ['contract', 'runtime'],
  range: ['contract', 'runtime', 'rules', 'agent', 'collector', 'simulators']
}

interface Import {
  file: string
  specifier: string
}

const imports: Import[] = sources.flatMap((file) =>
  [...read(file).matchAll(/(?:^|[\s;}])(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/gm)].map(
    (match) => ({ file, specifier: match[1] ?? match[2] ?? '' })
  )
)

// The folder of ours that an import leads to, or undefined for packages and Node's own modules.
function targetFolder({ file, specifier }: Import): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1).split('/')[0]
  if (!specifier.startsWith('.')) return undefined
  return folderOf(posix.normalize(posix.join(posix.dirname(file), specifier)))
}

function codeLines(file: string): number {
  return read(file)
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\*|\/\*|$)/.test(line)).length
}

describe('doors', () => {
  it('finds imports at all', () => {
    expect(imports.length).toBeGreaterThan(200)
    expect(new Set(imports.map((one) => folderOf(one.file))).size).toBeGreaterThan(6)
  })

  it.each(OURS)('%s imports only what it may', (folder) => {
    const wrong = imports.filter((one) => {
      const target = targetFolder(one)
      if (folderOf(one.file) !== folder || target === undefined || target === folder) return false
      return !MAY_IMPORT[folder]?.includes(target)
    })
    expect(wrong).toEqual([])
  })

  it('lets nobody but the one command sign certificates', () => {
    const users = imports.filter((one) => targetFolder(one) === 'pki' && folderOf(one.file) !== 'pki').map((one) => one.file)
    expect(users.filter((file) => file !== 'penstock.ts' && !/^(test|bench|docs)\//.test(file))).toEqual([])
  })

  it('lets nobody but the one command know of the range', () => {
    const users = imports.filter((one) => targetFolder(one) === 'range' && folderOf(one.file) !== 'range').map((one) => one.file)
    expect(users.filter((file) => file !== 'penstock.ts' && !/^(test|bench|docs)\//.test(file))).toEqual([])
  })

  it('reaches other folders by # and its own by a relative path', () => {
    const wrong = imports.filter((one) => {
      const target = targetFolder(one)
      if (!OURS.includes(folderOf(one.file)) || target === undefined) return false
      // The parts have no # of their own: only what stands above them reaches in (docs/adr/0018).
      if (folderOf(one.file) === 'range' && ['agent', 'collector', 'simulators'].includes(target)) return !one.specifier.startsWith('../')
      return one.specifier.startsWith('#') === (target === folderOf(one.file))
    })
    expect(wrong).toEqual([])
  })

  it('keeps the rooms of the agent apart, but for the words that both views share', () => {
    const rooms = ['modbus', 'opcua', 'wire', 'publish']
    const wrong = imports.filter((one) => {
      const room = one.file.match(/^agent\/(\w+)\//)?.[1]
      const target = posix.normalize(posix.join(posix.dirname(one.file), one.specifier)).match(/^agent\/(\w+)\//)?.[1]
      if (room === undefined || target === undefined || !one.specifier.startsWith('.')) return false
      // Commands, doctor and import stand above the rooms, as agent.ts does (docs/adr/0015).
      if (room === target || !rooms.includes(room) || !rooms.includes(target)) return false
      return !(one.file === 'agent/wire/tag-values.ts' && one.specifier === '../modbus/registers.ts')
    })
    expect(wrong).toEqual([])
  })

  const ONE_DOOR: Record<string, RegExp> = {
    'modbus-serial': /^(agent\/modbus\/reader\.ts|test\/|bench\/)/,
    serialport: /^(agent\/modbus\/serial-line\.ts|test\/|bench\/)/,
    'node-opcua': /^(agent\/opcua\/session\.ts|simulators\/plc\/opcua-(plc|space|conditions|attacker)\.ts|test\/|bench\/)/,
    '@peculiar/x509': /^(pki\/x509\.ts|test\/|bench\/)/,
    'reflect-metadata': /^(pki\/x509\.ts|test\/)/,
    mqtt: /^(runtime\/broker\.ts|test\/|bench\/)/,
    aedes: /^(runtime\/embedded-broker\.ts|test\/|bench\/)/,
    influx: /^(collector\/store\/influx\.ts|test\/|bench\/)/,
    'node:sqlite': /^(runtime\/sqlite\.ts|test\/|bench\/)/,
    pino: /^(runtime\/log\.ts|test\/|bench\/)/,
    'prom-client': /^(runtime\/metrics\.ts|test\/|bench\/)/,
    yaml: /^(runtime\/yaml-source\.ts|test\/|docs\/)/,
    '@marcbachmann/cel-js': /^(rules\/expression\.ts|test\/|bench\/)/,
    commander:
      /^(penstock\.ts|demo-command\.ts|runtime\/(command-line|completion|option-values)\.ts|(collector|simulators|range)\/commands\.ts|agent\/commands\/tree(-devices)?\.ts|pki\/|test\/|docs\/)/,
    'csv-parse': /^(agent\/import\/csv-rows\.ts|test\/)/,
    'smol-toml': /^agent\/import\/telegraf\.ts$/,
    fastify: /^(collector\/api\/|simulators\/mimic\/server\.ts|test\/|bench\/)/,
    'node:child_process': /^(agent\/wire\/capture\.ts|range\/live-process\.ts|penstock\.js|test\/|bench\/|docs\/)/
  }
  it.each(Object.entries(ONE_DOOR))('%s has one door', (library, door) => {
    const users = imports.filter((one) => one.specifier === library || one.specifier.startsWith(`${library}/`)).map((one) => one.file)
    expect(users.filter((file) => !door.test(file))).toEqual([])
  })

  it('lets nothing but the guarded port reach a line of Modbus', () => {
    const inRoom = imports.filter((one) => one.file.startsWith('agent/modbus/'))
    const users = (pattern: RegExp) => [...new Set(inRoom.filter((one) => pattern.test(one.specifier)).map((one) => one.file))]
    expect(users(/^(node:)?(net|tls|dgram|http2?|https|child_process|worker_threads)$/)).toEqual(['agent/modbus/tcp-line.ts'])
    expect(users(/\/(tcp|serial)-line\.ts$/)).toEqual(['agent/modbus/line.ts'])
    const opening = sources.filter((file) => file.startsWith('agent/') && /\bopenLine\(/.test(read(file)))
    expect(opening.sort()).toEqual(['agent/modbus/line.ts', 'agent/modbus/port.ts'])
    // One place in the port hands bytes to the line, behind what the guard admitted.
    expect(read('agent/modbus/port.ts').match(/#line\.write\(/g)).toHaveLength(1)
  })

  it('lets rules/ and contract/ know no clock, chance, timer or disk', () => {
    const impure = /\b(Date\.now|new Date\(\)|performance\.now|Math\.random|setTimeout|setInterval|setImmediate|process\.|fetch\()/
    const wrong = sources.filter((file) => /^(rules|contract)\//.test(file) && impure.test(read(file)))
    expect(wrong).toEqual([])
    const nodeModules = imports.filter((one) => folderOf(one.file) === 'rules' && one.specifier.startsWith('node:'))
    expect(nodeModules).toEqual([])
  })

  it('lets nothing of the running agent import its commands, doctor and imports', () => {
    const above = /^agent\/(commands|doctor|import)\//
    const wrong = imports.filter((one) => {
      if (!one.file.startsWith('agent/') || above.test(one.file) || !one.specifier.startsWith('.')) return false
      return above.test(posix.normalize(posix.join(posix.dirname(one.file), one.specifier)))
    })
    expect(wrong).toEqual([])
  })

  it('leaves no write function of a client library reachable in the agent', () => {
    const wrong = sources.filter(
      (file) => file.startsWith('agent/') && /\bwrite(FC\d+|Coils?|Registers?)\b|maskWriteRegister/.test(read(file))
    )
    expect(wrong).toEqual([])
  })
})

describe('shape', () => {
  const product = sources.filter((file) => !/^(test|bench)\//.test(file))

  it('has no file over 250 lines of code', () => {
    expect(sources.map((file) => ({ file, lines: codeLines(file) })).filter((one) => one.lines > 250)).toEqual([])
  })

  it('has a median under 120 lines of code', () => {
    const lengths = product.map(codeLines).sort((a, b) => a - b)
    expect(lengths.length).toBeGreaterThan(60)
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(120)
  })

  it('begins each file with a line that says what it is for', () => {
    const wrong = product.filter((file) => !/^(#!.*\n)?(\/\/ |\/\*)/.test(read(file)))
    expect(wrong).toEqual([])
  })

  it('names no file after nothing in particular', () => {
    expect(files.filter((file) => /(^|\/)(utils?|common|core|types|helpers?|index)\.tsx?$/.test(file))).toEqual([])
  })

  it('uses none of the words that say nothing', () => {
    const vague = /\b(class|interface|type|function|const)\s+\w*(Manager|Service|Helper|Handler|Factory)\b/
    expect(product.filter((file) => vague.test(read(file)))).toEqual([])
  })

  it('leaves nothing half done behind', () => {
    const mark = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'X{3}\\b', '\\b(it|describe|test)\\.(skip|only|todo)\\b'].join('|'))
    expect(sources.filter((file) => mark.test(read(file)))).toEqual([])
  })

  it('declares nothing that Node cannot strip', () => {
    expect(sources.filter((file) => /^\s*(export )?(declare )?(const )?(enum|namespace) \w/m.test(read(file)))).toEqual([])
  })
})

describe('words and cases', () => {
  it('keeps every text in both languages', () => {
    const halves = sources.filter((file) => {
      if (/^(test|bench)\//.test(file)) return false
      const text = read(file)
      return (text.match(/\bzh: ['"`]/g)?.length ?? 0) !== (text.match(/\ben: ['"`]/g)?.length ?? 0)
    })
    expect(halves).toEqual([])
  })

  const packs = files.filter((file) => /^rules\/packs\/.*\.yaml$/.test(file))
  it.each(packs)('%s has a must-fire and a must-stay-silent case for each check', (file) => {
    const pack = parsePack(parse(read(file)))
    expect(pack.checks.length).toBeGreaterThan(0)
    for (const check of pack.checks) {
      expect(check.tests.mustFire.length, `${check.id} must fire`).toBeGreaterThan(0)
      expect(check.tests.mustStaySilent.length, `${check.id} must stay silent`).toBeGreaterThan(0)
    }
  })

  it('knows the packs', () => {
    expect(packs).toContain('rules/packs/base.yaml')
    expect(packs).toContain('rules/packs/water.yaml')
  })
})
