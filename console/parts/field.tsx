// A labelled input with its rule below and, when wrong, the fault read aloud with it.
import { type ComponentProps, useId } from 'react'

interface Shared {
  label: string
  rule?: string | undefined
  fault?: string | undefined
}

export function Field({ label, rule, fault, ...input }: Shared & ComponentProps<'input'>) {
  const id = useId()
  const note = fault ?? rule
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} aria-invalid={fault !== undefined} aria-describedby={note === undefined ? undefined : `${id}-note`} {...input} />
      {note === undefined ? null : (
        <p id={`${id}-note`} className={fault === undefined ? 'field-rule' : 'field-fault'}>
          {note}
        </p>
      )}
    </div>
  )
}

export interface Choice {
  value: string
  label: string
}

export function Select({ label, choices, fault, ...select }: Shared & { choices: readonly Choice[] } & ComponentProps<'select'>) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} aria-invalid={fault !== undefined} aria-describedby={fault === undefined ? undefined : `${id}-note`} {...select}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      {fault === undefined ? null : (
        <p id={`${id}-note`} className="field-fault">
          {fault}
        </p>
      )}
    </div>
  )
}
