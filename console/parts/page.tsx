// Title of a page, in the document too, with what stands beside it.
import { type ReactNode, useEffect } from 'react'
import { useWords } from '../words.ts'

export function PageTitle({ title, children }: { title: string; children?: ReactNode }) {
  const { t } = useWords()
  const name = t('app.name')
  useEffect(() => {
    document.title = `${title} · ${name}`
  }, [title, name])
  return (
    <div className="page-title">
      <h1>{title}</h1>
      {children}
    </div>
  )
}

export function Section({ title, side, children, lead }: { title: string; side?: ReactNode; lead?: string; children: ReactNode }) {
  return (
    <section className="section" aria-label={title}>
      <div className="section-title">
        <h2>{title}</h2>
        {side}
      </div>
      {lead === undefined ? null : <p className="section-lead">{lead}</p>}
      {children}
    </section>
  )
}
