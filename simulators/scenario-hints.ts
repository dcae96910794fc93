// What editors are told beyond the form of a scenario: which attacks, tags and troubles the plant has that it names. The program
// itself checks more than this, with the roles of tags and the times of steps.
import { ATTACKS } from './attacks/attacks.ts'
import { TROUBLES } from './faults/troubles.ts'
import { mapOf } from './maps.ts'
import { PLANTS, type PlantKind } from './plants/plant.ts'
import { attackNamed } from './player.ts'

/** Parts of a JSON Schema, for allOf; the plant is the usual one where none is named. */
export const plantHints = (usual: PlantKind) =>
  PLANTS.map((plant) => {
    const named = { properties: { plant: { const: plant } }, ...(plant === usual ? {} : { required: ['plant'] }) }
    return Object.fromEntries([
      ['if', named],
      ['then', { properties: { timeline: { items: { properties: stepOf(plant) } } } }]
    ])
  })

const stepOf = (plant: PlantKind) => ({
  attack: { enum: Object.keys(ATTACKS).filter((name) => attackNamed(name)?.plants?.includes(plant) ?? true) },
  with: {
    properties: { tag: { enum: Object.keys(mapOf(plant).tags) }, what: { enum: Object.keys(TROUBLES[plant]) } },
    allOf: Object.entries(TROUBLES[plant]).map(([what, { most, unit }]) =>
      Object.fromEntries([
        ['if', { properties: { what: { const: what } }, required: ['what'] }],
        ['then', { properties: { amount: unit === undefined ? { const: 1 } : { exclusiveMinimum: 0, maximum: most } } }]
      ])
    )
  }
})
