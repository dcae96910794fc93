// What docs/reference is written from: the schemas of configs, messages and API, and the fault classes of the sources.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { Birth, Death, Health, Watermark } from '#contract/agent-status.ts'
import { Alert, AlertDetail } from '#contract/alert.ts'
import * as api from '#contract/api.ts'
import { Gap } from '#contract/gap.ts'
import { Label } from '#contract/label.ts'
import { SampleBatch } from '#contract/sample.ts'
import { TransactionBatch } from '#contract/transaction.ts'
import { Pack } from '#rules/pack.ts'
import * as results from '../agent/commands/results.ts'
import { AgentConfig } from '../agent/config.ts'
import { Profile } from '../agent/profiles.ts'
import { CollectorConfig } from '../collector/config.ts'
import { Board } from '../range/board.ts'
import { Thresholds } from '../range/thresholds.ts'
import { Scenario } from '../simulators/scenario.ts'

interface ConfigPage {
  name: string
  title: string
  about: string
  schema: z.ZodType
  /** Written out in full: editors of older drafts see nothing of what stands beside a $ref. */
  inFull?: true
}

export const CONFIGS: readonly ConfigPage[] = [
  { name: 'agent', title: 'agent.yaml', about: 'The configuration of an agent.', schema: AgentConfig },
  { name: 'profile', title: 'Profile', about: 'The tag map of a make of device, which devices of an agent name.', schema: Profile },
  { name: 'collector', title: 'collector.yaml', about: 'The configuration of a collector.', schema: CollectorConfig },
  { name: 'scenario', title: 'Scenario', about: 'What a simulator plays.', schema: Scenario, inFull: true },
  {
    name: 'thresholds',
    title: 'Thresholds',
    about: 'What a run of the range must reach; it fails below.',
    schema: Thresholds
  },
  { name: 'pack', title: 'Rule pack', about: 'Checks of one sector with texts, advice and cases.', schema: Pack }
]

export const MESSAGES: Readonly<Record<string, z.ZodType>> = {
  birth: Birth,
  samples: SampleBatch,
  transactions: TransactionBatch,
  gap: Gap,
  health: Health,
  death: Death,
  ack: Watermark,
  label: Label
}

const { SignIn, Session, PasswordChange, NewAccount, AccountChange, Overview, TagQuery, TagView, SamplesQuery, Trend, GapView } = api
const { AlertQuery, AlertPage, AlertActionRequest, RuleView, QuarantineEntry, AuditPage, LiveSamples, Fault } = api

export const REQUESTS: Readonly<Record<string, z.ZodType>> = {
  ...{ Fault, SignIn, Session, PasswordChange, NewAccount, AccountChange, Overview, TagQuery, TagView, SamplesQuery, Trend, GapView },
  ...{ AlertQuery, AlertPage, Alert, AlertDetail, AlertActionRequest, RuleView, QuarantineEntry, AuditPage, LiveSamples }
}

/** What commands print with --json, in the order of their help. */
export const RESULTS: Readonly<Record<string, z.ZodType>> = {
  check: results.CheckResult,
  plan: results.PlanResult,
  once: results.OnceResult,
  watch: results.WatchLine,
  browse: results.BrowseResult,
  identify: results.IdentifyResult,
  trust: results.TrustResult,
  decode: results.DecodeResult,
  import: results.ImportResult,
  doctor: results.DoctorResult,
  fault: results.CommandFault,
  board: Board
}

export interface FaultClass {
  name: string
  file: string
  about: string
  codes: readonly string[]
}

const root = new URL('..', import.meta.url).pathname
const FOLDERS = ['contract', 'runtime', 'rules', 'agent', 'collector', 'simulators', 'range']

/** Every class that extends Error, with the codes that stand in its file. */
export function faultClasses(): FaultClass[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`)
  )
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .flatMap(faultsIn)
}

function faultsIn(file: string): FaultClass[] {
  const text = readFileSync(join(root, file), 'utf8')
  const names = [...text.matchAll(/class (\w+) extends Error/g)].map((match) => match[1] ?? '')
  const about = /^\/\/ (.*)/.exec(text)?.[1] ?? ''
  const codes = [...new Set([...text.matchAll(/'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g)].map((match) => match[1] ?? ''))].sort()
  return names.map((name) => ({ name, file, about, codes }))
}
