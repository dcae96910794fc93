// The mimic page as HTML: the picture of a plant, buttons for attacks and faults, and the labels as they happen.
import { LANGUAGES, type Language, pick, type Text } from '#contract/text.ts'
import { ATTACKS } from '../attacks/attacks.ts'
import { FAULTS } from '../faults/faults.ts'
import { TROUBLES } from '../faults/troubles.ts'
import type { PlantKind } from '../plants/plant.ts'
import { attackNamed } from '../player.ts'
import type { Scene } from '../scene.ts'
import { GAS_PICTURE } from './gas-picture.ts'
import { HEAT_PICTURE } from './heat-picture.ts'
import { escaped, type Picture } from './picture.ts'
import { WATER_PICTURE } from './water-picture.ts'

const PICTURES: Readonly<Record<PlantKind, Picture>> = { water: WATER_PICTURE, heat: HEAT_PICTURE, gas: GAS_PICTURE }
const PLANT_TITLES: Readonly<Record<PlantKind, Text>> = {
  water: { zh: '水厂', en: 'Waterworks' },
  heat: { zh: '换热站', en: 'Heat station' },
  gas: { zh: '燃气门站', en: 'Gas gate station' }
}

export interface PageOptions {
  site: string
  scene: Scene
  language: Language
  /** The other PLCs of this process, by site. */
  sites: readonly string[]
}

export function page({ site, scene, language, sites }: PageOptions): string {
  const say = (zh: string, en: string) => pick({ zh, en }, language)
  const { plant } = scene.map
  const title = `${pick(PLANT_TITLES[plant], language)} ${site}`
  const words = { lost: say('与模拟器的连接已中断', 'the simulator does not answer') }
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><link rel="stylesheet" href="./page.css"><link rel="icon" href="data:,">
</head>
<body data-words="${escaped(JSON.stringify(words))}">
<header><h1>${escaped(title)}</h1><span id="clock"></span><span id="lost" role="status"></span>
<nav>${sites.length > 1 ? sites.map((other) => `<a href="../${escaped(other)}/">${escaped(other)}</a>`).join(' ') : ''}
${LANGUAGES.map((one) => (one === language ? '' : `<a href="?language=${one}">${one === 'en' ? 'English' : '中文'}</a>`)).join('')}</nav></header>
<main><section>${drawing(scene, language)}</section>
<aside><section><h2>${say('攻击', 'Attacks')}</h2><div class="plays">${attackButtons(scene, language)}</div><p id="fault" role="alert"></p></section>
<section><h2>${say('故障（不是攻击）', 'Faults (no attacks)')}</h2><div class="plays">${faultButtons(scene, language)}</div></section>
<section><h2>${say('标注', 'Labels')}</h2><ol id="labels"></ol></section></aside></main>
<script type="module" src="./page.js"></script>
</body></html>`
}

function drawing({ map }: Scene, language: Language): string {
  const { width, height, parts } = PICTURES[map.plant]
  return `<svg viewBox="0 0 ${width} ${height}" role="img">${parts(language).join('\n')}</svg>`
}

// Only what can be played here; with its usual parameters.
function attackButtons(scene: Scene, language: Language): string {
  return Object.keys(ATTACKS)
    .filter((name) => scene.player.obstacle(name) === null)
    .map((name) => {
      const attack = attackNamed(name)
      const title = attack === undefined ? name : pick(attack.title, language)
      return `<button data-play="${name}" title="${name}">${escaped(title)} <span class="technique">${attack?.technique ?? ''}</span></button>`
    })
    .join('')
}

function faultButtons({ map }: Scene, language: Language): string {
  const lines = (['comms-loss', 'slow-line'] as const).map(
    (name) => `<button data-play="${name}">${escaped(pick(FAULTS[name].title, language))}</button>`
  )
  const breakdowns = Object.entries(TROUBLES[map.plant]).map(([what, { title }]) => {
    const parameters = escaped(JSON.stringify({ what }))
    return `<button data-play="breakdown" data-as="${what}" data-parameters="${parameters}">${escaped(pick(title, language))}</button>`
  })
  return [...lines, ...breakdowns].join('')
}
