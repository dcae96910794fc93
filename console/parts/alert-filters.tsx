// The filters of the alert queue. The address holds them, so that a link or a reload shows the same queue.
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef } from 'react'
import { CONDITIONS, HANDLINGS } from '#contract/alert.ts'
import { type AlertFilter, isFiltered } from '../alert-filter.ts'
import { overviewQuery } from '../queries.ts'
import { useWords } from '../words.ts'
import { Select } from './field.tsx'
import { Icon } from './icon.tsx'

const FROM = [5, 4, 3, 2] as const
const TYPING_MS = 350

export function AlertFilters({ filter, onFilter }: { filter: AlertFilter; onFilter: (change: Partial<AlertFilter>) => void }) {
  const { t, say } = useWords()
  const sites = useQuery(overviewQuery).data?.sites ?? []
  const all = { value: '', label: t('ui.all') }
  const known = sites.some(({ site }) => site.id === filter.site)
  return (
    <search className="filters" aria-label={t('alerts.filters')}>
      <Select
        label={t('handling')}
        value={filter.handling}
        onChange={(event) => onFilter({ handling: event.target.value })}
        choices={[
          { value: 'open', label: t('handling.open') },
          ...HANDLINGS.map((value) => ({ value, label: t(`handling.${value}`) })),
          { value: 'all', label: t('ui.all') }
        ]}
      />
      <Select
        label={t('severity')}
        value={filter.severity}
        onChange={(event) => onFilter({ severity: event.target.value })}
        choices={[all, ...FROM.map((value) => ({ value: String(value), label: t(`severity.from.${value}`) }))]}
      />
      <Select
        label={t('condition')}
        value={filter.condition}
        onChange={(event) => onFilter({ condition: event.target.value })}
        choices={[all, ...CONDITIONS.map((value) => ({ value, label: t(`condition.${value}`) }))]}
      />
      <Select
        label={t('site')}
        value={filter.site}
        onChange={(event) => onFilter({ site: event.target.value })}
        choices={[
          all,
          ...sites.map(({ site }) => ({ value: site.id, label: say(site.title) })),
          ...(filter.site === '' || known ? [] : [{ value: filter.site, label: filter.site }])
        ]}
      />
      <SearchField value={filter.search} placeholder={t('alerts.search')} onSearch={(search) => onFilter({ search })} />
      {isFiltered(filter) ? (
        <button
          type="button"
          className="button plain"
          onClick={() => onFilter({ condition: '', handling: 'open', severity: '', site: '', search: '' })}
        >
          {t('ui.clear')}
        </button>
      ) : null}
    </search>
  )
}

// Tells what was typed after a short pause, or at once with Enter.
export function SearchField({ value, placeholder, onSearch }: { value: string; placeholder: string; onSearch: (text: string) => void }) {
  const { t } = useWords()
  const input = useRef<HTMLInputElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    const field = input.current
    if (field !== null && document.activeElement !== field) field.value = value
  }, [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  const later = () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => onSearch(input.current?.value.trim() ?? ''), TYPING_MS)
  }
  const now = (event: FormEvent) => {
    event.preventDefault()
    clearTimeout(timer.current)
    onSearch(input.current?.value.trim() ?? '')
  }
  return (
    <form className="field search" onSubmit={now}>
      <label htmlFor="search">{t('ui.search')}</label>
      <span className="search-box">
        <Icon name="search" />
        <input id="search" ref={input} type="search" defaultValue={value} maxLength={100} placeholder={placeholder} onChange={later} />
      </span>
    </form>
  )
}
