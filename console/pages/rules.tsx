// The rules that judge now: what they mean, what they judge with, and whether one of them fails.
import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'wouter'
import type { RuleView } from '#contract/api.ts'
import { SearchField } from '../parts/alert-filters.tsx'
import { Answer, Empty } from '../parts/fault.tsx'
import { Figures } from '../parts/figures.tsx'
import { PageTitle } from '../parts/page.tsx'
import { SeverityMark } from '../parts/severity.tsx'
import { Technique } from '../parts/technique.tsx'
import { rulesQuery } from '../queries.ts'
import { useWords } from '../words.ts'

export function RulesPage() {
  const { t } = useWords()
  const query = useQuery(rulesQuery)
  return (
    <>
      <PageTitle title={t('rules.title')}>
        {query.data === undefined ? null : <span className="quiet">{t('rules.count', { count: query.data.length })}</span>}
      </PageTitle>
      <Answer query={query}>{(rules) => <Rules rules={rules} />}</Answer>
    </>
  )
}

function Rules({ rules }: { rules: readonly RuleView[] }) {
  const { t } = useWords()
  const [address, setAddress] = useSearchParams()
  const sought = address.get('search') ?? ''
  const failing = rules.filter(({ faults }) => faults > 0)
  const found = rules
    .filter((rule) => matchesRule(rule, sought.toLowerCase()))
    .toSorted((a, b) => b.faults - a.faults || b.severity - a.severity)
  return (
    <>
      <search className="filters" aria-label={t('alerts.filters')}>
        <SearchField
          value={sought}
          placeholder={t('rules.search')}
          onSearch={(search) => setAddress(search === '' ? {} : { search }, { replace: true })}
        />
      </search>
      {failing.length === 0 ? null : (
        <p className="unseen" role="alert">
          {t('rules.faults.some', { count: failing.length })}
        </p>
      )}
      {rules.length === 0 ? <Empty title={t('rules.none')} /> : null}
      <ul className="rules">
        {found.map((rule) => (
          <Rule key={rule.rule} rule={rule} />
        ))}
      </ul>
    </>
  )
}

function matchesRule({ rule, kind, title, techniques }: RuleView, sought: string): boolean {
  return [rule, kind, title.zh, title.en, ...techniques].some((text) => text.toLowerCase().includes(sought))
}

function Rule({ rule }: { rule: RuleView }) {
  const { t, say } = useWords()
  return (
    <li>
      <details className={rule.faults > 0 ? 'rule failing' : 'rule'}>
        <summary>
          <SeverityMark severity={rule.severity} />
          <span className="rule-title">
            <span className="strong">{say(rule.title)}</span>
            <span className="under code">{rule.rule}</span>
          </span>
          <span className="rule-side">
            {rule.faults > 0 ? <span className="badge new">{t('rules.faults', { count: rule.faults })}</span> : null}
            <span className="quiet">{rule.subjects === 0 ? t('rules.subjects.none') : t('rules.subjects', { count: rule.subjects })}</span>
          </span>
        </summary>
        <div className="rule-body">
          <p className="prose">{say(rule.why)}</p>
          <dl className="facts">
            <dt>{t('rules.pack')}</dt>
            <dd>
              <code>{rule.pack}</code> · <code>{rule.kind}</code>
            </dd>
            <dt>{t('alert.technique')}</dt>
            <dd>
              {rule.techniques.length === 0 ? <span className="quiet">{t('alert.technique.none')}</span> : null}
              {rule.techniques.map((id) => (
                <Technique key={id} id={id} />
              ))}
            </dd>
          </dl>
          <h3>{t('alert.parameters')}</h3>
          <Figures figures={rule.parameters} />
        </div>
      </details>
    </li>
  )
}
