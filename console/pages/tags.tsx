// All tags with their live values: searched and filtered here, drawn only where they can be seen.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { useSearchParams } from 'wouter'
import type { TagView } from '#contract/api.ts'
import { QUALITY_CLASSES } from '#contract/quality.ts'
import { ROLES } from '#contract/tag.ts'
import { values } from '../live-page.ts'
import { SearchField } from '../parts/alert-filters.tsx'
import { Answer, Empty } from '../parts/fault.tsx'
import { Select } from '../parts/field.tsx'
import { PageTitle } from '../parts/page.tsx'
import { TagTable } from '../parts/tag-table.tsx'
import { overviewQuery, tagsQuery } from '../queries.ts'
import { readTagFilter, type TagFilter, tagMatches, writeTagFilter } from '../tag-filter.ts'
import { useWords } from '../words.ts'

export function TagsPage() {
  const { t, say } = useWords()
  const [address, setAddress] = useSearchParams()
  const text = address.toString()
  const filter = useMemo(() => readTagFilter(new URLSearchParams(text)), [text])
  const setFilter = (change: Partial<TagFilter>) => setAddress(writeTagFilter({ ...filter, ...change }), { replace: true })
  const sites = useQuery(overviewQuery).data?.sites ?? []
  const query = useQuery(tagsQuery(filter.site === '' ? undefined : filter.site))
  useEffect(() => {
    if (query.data !== undefined) values.seed(query.data)
  }, [query.data])
  const all = { value: '', label: t('ui.all') }
  const devices = [...new Set((query.data ?? []).map(({ tag }) => tag.device))]

  return (
    <>
      <PageTitle title={t('tags.title')} />
      <search className="filters" aria-label={t('alerts.filters')}>
        <SearchField value={filter.search} placeholder={t('tags.search')} onSearch={(search) => setFilter({ search })} />
        <Select
          label={t('site')}
          value={filter.site}
          onChange={(event) => setFilter({ site: event.target.value, device: '' })}
          choices={[all, ...sites.map(({ site }) => ({ value: site.id, label: say(site.title) }))]}
        />
        <Select
          label={t('device')}
          value={filter.device}
          onChange={(event) => setFilter({ device: event.target.value })}
          choices={[all, ...devices.map((value) => ({ value, label: value }))]}
        />
        <Select
          label={t('tags.role')}
          value={filter.role}
          onChange={(event) => setFilter({ role: event.target.value })}
          choices={[all, ...ROLES.map((value) => ({ value, label: t(`role.${value}`) }))]}
        />
        <Select
          label={t('tags.quality')}
          value={filter.quality}
          onChange={(event) => setFilter({ quality: event.target.value })}
          choices={[all, ...[...QUALITY_CLASSES, 'stale' as const].map((value) => ({ value, label: t(`quality.${value}`) }))]}
        />
      </search>
      <Answer query={query}>{(tags) => <Found tags={tags} filter={filter} />}</Answer>
    </>
  )
}

function Found({ tags, filter }: { tags: readonly TagView[]; filter: TagFilter }) {
  const { t } = useWords()
  const found = useMemo(() => tags.filter((view) => tagMatches(filter, view)), [tags, filter])
  if (found.length === 0) return <Empty title={t('tags.none')} />
  return (
    <>
      <p className="quiet" role="status" data-testid="tag-count">
        {t('tags.count', { count: found.length })}
      </p>
      <TagTable tags={found} />
    </>
  )
}
