// The name that people know a site or device by; its id until the overview has come.
import { useQuery } from '@tanstack/react-query'
import { overviewQuery } from '../queries.ts'
import { useWords } from '../words.ts'

export function SiteName({ id }: { id: string }) {
  const { say } = useWords()
  const site = useQuery(overviewQuery).data?.sites.find((view) => view.site.id === id)
  return <span>{say(site?.site.title, id)}</span>
}

export function DeviceName({ site, agent, id }: { site: string; agent: string; id: string }) {
  const { say } = useWords()
  const view = useQuery(overviewQuery).data?.sites.find((one) => one.site.id === site)
  const device = view?.agents.find((one) => one.agent === agent)?.devices.find((one) => one.device.id === id)
  return <span>{say(device?.device.title, id)}</span>
}
