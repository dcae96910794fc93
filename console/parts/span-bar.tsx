// Choosing the stretch of time: three lengths that end now, one's own span, and moving about with buttons.
import { type FormEvent, useState } from 'react'
import { type Chosen, LENGTH_NAMES, moveSpan, type Span, toLocalInput } from '../trend-span.ts'
import { useWords } from '../words.ts'
import { Field } from './field.tsx'
import { Icon, type IconName } from './icon.tsx'

interface Props {
  chosen: Chosen
  shown: Span
  onChoose: (chosen: Chosen) => void
}

export function SpanBar({ chosen, shown, onChoose }: Props) {
  const { t } = useWords()
  const own = (span: Span) => onChoose({ kind: 'own', span })
  const step = (icon: IconName, word: 'trend.earlier' | 'trend.later' | 'trend.zoomIn' | 'trend.zoomOut', span: Span) => (
    <button type="button" className="tool" aria-label={t(word)} title={t(word)} onClick={() => own(span)}>
      <Icon name={icon} />
    </button>
  )
  return (
    <div className="span-bar">
      <fieldset className="segments" aria-label={t('trend.span')}>
        {LENGTH_NAMES.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={chosen.kind === 'live' && chosen.name === name}
            onClick={() => onChoose({ kind: 'live', name })}
          >
            {t(`trend.span.${name}`)}
          </button>
        ))}
      </fieldset>
      <fieldset className="span-steps" aria-label={t('trend.span')}>
        {step('left', 'trend.earlier', moveSpan(shown, { shift: -0.5 }))}
        {step('right', 'trend.later', moveSpan(shown, { shift: 0.5 }))}
        {step('plus', 'trend.zoomIn', moveSpan(shown, { scale: 0.5 }))}
        {step('minus', 'trend.zoomOut', moveSpan(shown, { scale: 2 }))}
      </fieldset>
      <OwnSpan
        key={chosen.kind === 'own' ? `${shown.from}-${shown.to}` : chosen.name}
        open={chosen.kind === 'own'}
        shown={shown}
        onSpan={own}
      />
    </div>
  )
}

function OwnSpan({ open, shown, onSpan }: { open: boolean; shown: Span; onSpan: (span: Span) => void }) {
  const { t } = useWords()
  const [fault, setFault] = useState<string>()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const from = Date.parse(String(form.get('from')))
    const to = Date.parse(String(form.get('to')))
    if (!(to > from)) return setFault(t('trend.wrongSpan'))
    setFault(undefined)
    onSpan({ from, to })
  }
  return (
    <details className="own-span" open={open}>
      <summary>{t('trend.span.own')}</summary>
      <form onSubmit={submit}>
        <Field label={t('trend.from')} name="from" type="datetime-local" step="1" required defaultValue={toLocalInput(shown.from)} />
        <Field
          label={t('trend.to')}
          name="to"
          type="datetime-local"
          step="1"
          required
          defaultValue={toLocalInput(shown.to)}
          fault={fault}
        />
        <button type="submit" className="button">
          {t('trend.apply')}
        </button>
      </form>
    </details>
  )
}
