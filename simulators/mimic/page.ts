// The mimic page as HTML: the picture of a plant, buttons for attacks and faults, and the labels as they happen.
import { LANGUAGES, type Language, pick, type Text } from '#contract/text.ts'
import { ATTACKS } from '../attacks/attacks.ts'
import { FAULTS } from '../faults/faults.ts'
import { TROUBLES } from '../faults/troubles.ts'
import type { PlantKind } from '../plants/plant.ts'
import { attackNamed } from '../player.ts'
import type { TagRow } from '../plc/tag-map.ts'
import type { Scene } from '../scene.ts'
import { GAS_PICTURE } from './gas-picture.ts'
import { HEAT_PICTURE } from './heat-picture.ts'
import { escaped, type Picture } from './picture.ts'
import { WATER_PICTURE } from './water-picture.ts'

const MOST_LINKS = 6
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
  speed: number
  modbusPort: number
  /** The other PLCs of this process, by site. */
  sites: readonly string[]
}

export function page({ site, scene, language, sites, speed, modbusPort }: PageOptions): string {
  const say = (zh: string, en: string) => pick({ zh, en }, language)
  const title = `${pick(PLANT_TITLES[scene.map.plant], language)} ${site}`
  const words = {
    lost: say('与模拟器的连接已中断，画面停在最后所见', 'the simulator does not answer; the picture is what was seen last'),
    quiet: say('无报警', 'no alarm'),
    none: say('尚无', 'none so far')
  }
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><link rel="stylesheet" href="./page.css"><link rel="icon" href="data:,">
</head>
<body data-words="${escaped(JSON.stringify(words))}">
<header><h1>${escaped(title)}</h1><span id="clock"></span><span class="quiet">Modbus :${modbusPort}, ${speed}×</span><span id="lost" role="status"></span>
<nav aria-label="${say('厂站与语言', 'plants and language')}">${otherSites(site, sites, say('厂站', 'plant'))}
${LANGUAGES.map((one) => (one === language ? '' : `<a href="?language=${one}" lang="${one}">${one === 'en' ? 'English' : '中文'}</a>`)).join('')}</nav></header>
<main><div class="seen"><section class="picture">${drawing(scene, language)}</section>
<div class="below"><section><h2>${say('厂站报警', 'Alarms of the plant')}</h2><ul id="alarms" role="status"></ul></section>
<section><h2>${say('标注', 'Labels')}</h2><ol id="labels"></ol></section></div>
<section class="all"><h2>${say('全部测点', 'All tags')}</h2><dl class="tags">${tagRows(scene, language)}</dl></section></div>
<aside><section><h2>${say('攻击', 'Attacks')}</h2><p id="fault" role="alert"></p><div class="plays">${attackButtons(scene, language)}</div></section>
<section><h2>${say('故障（不是攻击）', 'Faults (no attacks)')}</h2><div class="plays">${faultButtons(scene, language)}</div></section></aside></main>
<script type="module" src="./page.js"></script>
</body></html>`
}

// A few as links; a town as a list to choose from.
function otherSites(site: string, sites: readonly string[], name: string): string {
  if (sites.length < 2) return ''
  if (sites.length <= MOST_LINKS)
    return sites.map((one) => `<a href="../${escaped(one)}/"${one === site ? ' aria-current="page"' : ''}>${escaped(one)}</a>`).join(' ')
  const options = sites.map((one) => `<option${one === site ? ' selected' : ''}>${escaped(one)}</option>`)
  return `<select id="sites" aria-label="${name}">${options.join('')}</select>`
}

function drawing({ map }: Scene, language: Language): string {
  const { width, height, parts } = PICTURES[map.plant]
  const titled = parts(language)
    .join('\n')
    .replace(/<title>([^<]+)<\/title>/g, (_, tag: string) => `<title>${escaped(titleOf(map.tags[tag], language))} (${tag})</title>`)
  const name = escaped(pick({ zh: `${PLANT_TITLES[map.plant].zh}工艺画面`, en: `Mimic of the ${PLANT_TITLES[map.plant].en}` }, language))
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${name}">${titled}</svg>`
}

const titleOf = (row: TagRow | undefined, language: Language): string => (row === undefined ? '' : pick(row.title, language))

// What the picture shows and what it has no room for, in words.
function tagRows({ map }: Scene, language: Language): string {
  return Object.entries(map.tags)
    .map(
      ([tag, row]) =>
        `<div title="${tag}" data-wrong="${tag}"><dt>${escaped(titleOf(row, language))}</dt><dd data-value="${tag}">–</dd></div>`
    )
    .join('')
}

// Only what can be played here; with its usual parameters.
function attackButtons(scene: Scene, language: Language): string {
  return Object.keys(ATTACKS)
    .filter((name) => scene.player.obstacle(name) === null)
    .map((name) => {
      const attack = attackNamed(name)
      const title = attack === undefined ? name : pick(attack.title, language)
      return `<button data-play="${name}" title="${name}" aria-pressed="false">${escaped(title)} <span class="technique">${attack?.technique ?? ''}</span></button>`
    })
    .join('')
}

function faultButtons({ map }: Scene, language: Language): string {
  // Those that need not be told what or where; of the breakdowns each has a button of its own.
  const alone = Object.entries(FAULTS)
    .filter(([, { parameters }]) => parameters.safeParse({}).success)
    .map(
      ([name, { title }]) => `<button data-play="${name}" title="${name}" aria-pressed="false">${escaped(pick(title, language))}</button>`
    )
  const breakdowns = Object.entries(TROUBLES[map.plant]).map(([what, { title }]) => {
    const parameters = escaped(JSON.stringify({ what }))
    return `<button data-play="breakdown" data-as="${what}" data-parameters="${parameters}" title="${what}" aria-pressed="false">${escaped(pick(title, language))}</button>`
  })
  return [...alone, ...breakdowns].join('')
}
