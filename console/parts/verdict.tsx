// The first sentence of the first screen, and under it each thing that needs a person, with a link to it.
import { Link } from 'wouter'
import type { Overview } from '#contract/api.ts'
import { useNow } from '../clock.ts'
import type { Problem, Situation } from '../problems.ts'
import { useWords, type Words } from '../words.ts'
import { Icon } from './icon.tsx'
import { SeverityShape } from './severity.tsx'

const SHOWN = 8

export function Verdict({ situation, overview }: { situation: Situation; overview: Overview }) {
  const { t } = useWords()
  const { verdict, problems, count, notes } = situation
  return (
    <section className={`verdict ${verdict}`} data-testid="verdict" aria-live="polite">
      <span className="verdict-mark" aria-hidden="true">
        <Icon name={verdict === 'normal' ? 'check' : 'alert'} />
      </span>
      <div>
        <p className="verdict-title">
          {verdict === 'attention' ? t('overview.verdict.attention', { count }) : t(`overview.verdict.${verdict}`)}
        </p>
        {verdict === 'unknown' ? <p className="verdict-text">{t('overview.verdict.blind')}</p> : null}
        {verdict === 'normal' ? <p className="verdict-text">{t('overview.verdict.calm', seen(overview))}</p> : null}
        {problems.length === 0 ? null : (
          <ul className="problems">
            {problems.slice(0, SHOWN).map((problem) => (
              <ProblemLine key={keyOf(problem)} problem={problem} />
            ))}
          </ul>
        )}
        {notes === 0 ? null : <p className="verdict-text">{t('overview.verdict.info', { count: notes })}</p>}
      </div>
    </section>
  )
}

function seen({ sites }: Overview) {
  const agents = sites.flatMap((site) => site.agents)
  return {
    sites: sites.length,
    devices: agents.reduce((sum, agent) => sum + agent.devices.length, 0),
    tags: sites.reduce((sum, { tags }) => sum + tags.good + tags.uncertain + tags.bad + tags.stale, 0)
  }
}

function keyOf(problem: Problem): string {
  switch (problem.kind) {
    case 'alerts':
      return `alerts/${problem.site.site.id}`
    case 'agent':
      return `agent/${problem.site.site.id}/${problem.agent.agent}`
    case 'device':
      return `device/${problem.site.site.id}/${problem.device.id}`
    case 'tags':
      return `tags/${problem.site.site.id}/${problem.quality}`
    case 'part':
      return `part/${problem.part.part}`
  }
}

function hrefOf(problem: Problem): string {
  switch (problem.kind) {
    case 'alerts':
      return `/alerts?site=${problem.site.site.id}`
    case 'agent':
    case 'part':
      return '/centre'
    case 'device':
      return '/devices'
    case 'tags':
      return `/tags?site=${problem.site.site.id}&quality=${problem.quality}`
  }
}

function sayProblem(problem: Problem, { t, say }: Words): string {
  const site = 'site' in problem ? say(problem.site.site.title) : ''
  switch (problem.kind) {
    case 'alerts':
      return t('problem.alerts', { site, count: problem.count, severity: t(`severity.${problem.severity}`) })
    case 'agent':
      return t(`problem.agent.${problem.state}`, { site, agent: problem.agent.agent })
    case 'device':
      return t(`problem.device.${problem.state}`, { site, device: say(problem.device.title, problem.device.id) })
    case 'tags':
      return t(`problem.tags.${problem.quality}`, { site, count: problem.count })
    case 'part':
      return t(`problem.part.${problem.part.part}`)
  }
}

function ProblemLine({ problem }: { problem: Problem }) {
  const words = useWords()
  const { t, format } = words
  const shape = problem.kind === 'alerts' ? problem.severity : problem.kind === 'tags' ? 3 : 4
  return (
    <li className={`problem s${shape}`}>
      <SeverityShape severity={shape} />
      <Link href={hrefOf(problem)}>{sayProblem(problem, words)}</Link>
      {problem.kind === 'agent' ? <LastHeard at={problem.agent.lastHeard} /> : null}
      {problem.kind === 'part' ? <span className="quiet">{t('problem.since', { time: format.moment(problem.part.since) })}</span> : null}
    </li>
  )
}

function LastHeard({ at }: { at: number | null }) {
  const { t, format } = useWords()
  const now = useNow()
  return <span className="quiet">{t('problem.agent.since', { time: at === null ? t('time.never') : format.ago(at, now) })}</span>
}
