// Fails on a link, an anchor or a picture of the site that leads nowhere, and on what a page would fetch from elsewhere.
import { Parser } from 'htmlparser2'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const FETCHED = new Set(['script', 'img', 'link', 'iframe', 'source', 'video', 'audio', 'object', 'embed', 'use'])
const NOT_FETCHED = new Set(['canonical', 'alternate', 'license'])
const ELSEWHERE = /^(?:[a-z][a-z+.-]*:)?\/\//i
const NO_FILE = /^(?:data|mailto|javascript):/i

/** What is wrong with the site in this folder, a line each; base is the path that it will stand under. */
export function problems(folder, base = '/') {
  const found = []
  const files = fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)).replaceAll(path.sep, '/'))
  const all = new Set(files)
  const pages = new Map(files.filter((file) => file.endsWith('.html')).map((file) => [file, read(folder, file)]))
  if (pages.size === 0) {
    return [`${folder}: no page in it; build the site first`]
  }
  for (const [page, { references }] of pages) {
    for (const { url, fetched } of references) {
      if (ELSEWHERE.test(url)) {
        if (fetched) {
          found.push(`${page}: fetches ${url}; what a page needs has to be a file of the site`)
        }
        continue
      }
      if (NO_FILE.test(url)) {
        continue
      }
      const { pathname, hash } = new URL(url, `site:${base}${page}`)
      const below = decodeURIComponent(pathname)
      if (!below.startsWith(base)) {
        found.push(`${page}: ${url} is not under ${base}, where the site stands`)
        continue
      }
      const target = file(below.slice(base.length), all)
      if (target === undefined) {
        found.push(`${page}: ${url} leads to no file`)
      } else if (hash.length > 1 && pages.has(target) && !pages.get(target).ids.has(decodeURIComponent(hash.slice(1)))) {
        found.push(`${page}: ${url} leads to no heading of ${target}`)
      }
    }
  }
  for (const style of files.filter((name) => name.endsWith('.css'))) {
    const text = fs.readFileSync(path.join(folder, style), 'utf8')
    for (const [, written] of text.matchAll(/(?:url\(|@import\s+(?!url\())\s*["']?([^"')]+)/g)) {
      const url = written.trim()
      if (ELSEWHERE.test(url)) {
        found.push(`${style}: fetches ${url}; what a page needs has to be a file of the site`)
      } else if (!NO_FILE.test(url) && !url.startsWith('#')) {
        const below = decodeURIComponent(new URL(url, `site:${base}${style}`).pathname)
        if (!below.startsWith(base) || !all.has(below.slice(base.length))) {
          found.push(`${style}: ${url} leads to no file`)
        }
      }
    }
  }
  return found
}

function file(below, all) {
  return [below, `${below}.html`, `${below.replace(/\/?$/, '/')}index.html`, below === '' ? 'index.html' : below].find(
    (name) => all.has(name),
  )
}

function read(folder, page) {
  const ids = new Set()
  const references = []
  const parser = new Parser({
    onopentag(name, attributes) {
      for (const id of [attributes.id, name === 'a' ? attributes.name : undefined]) {
        if (id) {
          ids.add(id)
        }
      }
      const fetched = FETCHED.has(name) && !NOT_FETCHED.has(attributes.rel)
      for (const url of [attributes.href, attributes.src, attributes.poster, attributes.data]) {
        if (url) {
          references.push({ url, fetched })
        }
      }
    },
  })
  parser.end(fs.readFileSync(path.join(folder, page), 'utf8'))
  return { ids, references }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, base] = process.argv.slice(2)
  if (folder === undefined) {
    console.error('usage: node check.mjs FOLDER [BASE]')
    process.exit(2)
  }
  const found = problems(folder, base)
  found.forEach((problem) => console.error(problem))
  console.log(`${folder}: ${found.length === 0 ? 'every link leads somewhere' : `${found.length} problems`}`)
  process.exit(found.length === 0 ? 0 : 1)
}
