// Severity by shape, text and weight: it reads in grey and for colour-blind people. It never uses the four warning colours.
import type { Severity } from '#contract/finding.ts'
import { useWords } from '../words.ts'

const SHAPES: Readonly<Record<Severity, string>> = {
  5: 'M4.7 0h6.6L16 4.7v6.6L11.3 16H4.7L0 11.3V4.7z',
  4: 'M8 .5 16 15H0z',
  3: 'M8 0l8 8-8 8-8-8z',
  2: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z',
  1: 'M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z'
}

export function SeverityShape({ severity }: { severity: Severity }) {
  return (
    <svg className={`severity-shape s${severity}`} viewBox="-1 -1 18 18" aria-hidden="true" focusable="false">
      <path d={SHAPES[severity]} />
    </svg>
  )
}

export function SeverityMark({ severity }: { severity: Severity }) {
  const { t } = useWords()
  return (
    <span className={`severity s${severity}`}>
      <SeverityShape severity={severity} />
      {t(`severity.${severity}`)}
    </span>
  )
}

// How many of one severity; zero is quiet.
export function SeverityCount({ severity, count }: { severity: Severity; count: number }) {
  const { t, format } = useWords()
  const label = t('severity.count', { severity: t(`severity.${severity}`), count })
  return (
    <span className={count > 0 ? `severity-count s${severity}` : 'severity-count zero'} role="img" aria-label={label} title={label}>
      <SeverityShape severity={severity} />
      <span aria-hidden="true">{format.number(count)}</span>
    </span>
  )
}
