// The filter of device events in the address: what is understood, and what is passed over.
import { expect, it } from 'vitest'
import { readEventFilter, writeEventFilter } from '../../console/event-filter.ts'

it('is read from the address and written back', () => {
  const address = new URLSearchParams('site=east-water&device=plc-1&kind=audit')
  expect(readEventFilter(address)).toEqual({ site: 'east-water', device: 'plc-1', kind: 'audit' })
  expect(writeEventFilter(readEventFilter(address)).toString()).toBe(address.toString())
})

it('passes over what cannot be meant', () => {
  expect(readEventFilter(new URLSearchParams('site=../x&device=A B&kind=nothing&more=1'))).toEqual({ site: '', device: '', kind: '' })
})
