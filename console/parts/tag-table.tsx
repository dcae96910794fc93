// Thousands of tags in one table: only the rows near the window exist, two spacers stand for the rest.
import { type RefObject, useLayoutEffect, useRef, useSyncExternalStore } from 'react'
import type { TagView } from '#contract/api.ts'
import { keyOf } from '../series.ts'
import { useVisibleRows } from '../visible-rows.ts'
import { useWords } from '../words.ts'
import { TagRow } from './tag-row.tsx'

// The same heights as in style/trends.css and style/narrow.css.
const ROW = 52
const ROW_NARROW = 72
const narrow = matchMedia('(max-width: 720px)')

function watchNarrow(listener: () => void): () => void {
  narrow.addEventListener('change', listener)
  return () => narrow.removeEventListener('change', listener)
}

export function TagTable({ tags }: { tags: readonly TagView[] }) {
  const { t } = useWords()
  const body = useRef<HTMLTableSectionElement>(null)
  const row = useSyncExternalStore(watchNarrow, () => (narrow.matches ? ROW_NARROW : ROW))
  const { first, end } = useVisibleRows(body, row, tags.length)
  return (
    <table className="table tags" aria-rowcount={tags.length + 1} aria-label={t('tags.table')} data-testid="tags">
      <thead>
        <tr>
          <th scope="col">{t('tag')}</th>
          <th scope="col" className="number">
            {t('tag.value')}
          </th>
          <th scope="col">{t('tag.quality')}</th>
          <th scope="col">{t('tag.age')}</th>
          <th scope="col">{t('tags.role')}</th>
          <th scope="col">{t('tag.where')}</th>
        </tr>
      </thead>
      <Spacer place={body} height={first * row} />
      <tbody>
        {tags.slice(first, end).map((view, i) => {
          const series = { site: view.site, agent: view.agent, view: view.view, tag: view.tag.name }
          return <TagRow key={keyOf(series)} view={view} series={series} index={first + i} />
        })}
      </tbody>
      <Spacer height={(tags.length - Math.min(end, tags.length)) * row} />
    </table>
  )
}

// The height is set through the object model: the page's policy forbids style attributes.
function Spacer({ place, height }: { place?: RefObject<HTMLTableSectionElement | null>; height: number }) {
  const cell = useRef<HTMLTableCellElement>(null)
  useLayoutEffect(() => {
    if (cell.current !== null) cell.current.style.height = `${height}px`
  }, [height])
  return (
    <tbody ref={place} aria-hidden="true" className="spacer">
      <tr>
        <td ref={cell} colSpan={6} />
      </tr>
    </tbody>
  )
}
