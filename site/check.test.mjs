import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { problems } from './check.mjs'

function site(body, base, style = '') {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'site-'))
  try {
    fs.mkdirSync(path.join(folder, 'docs'))
    fs.writeFileSync(path.join(folder, 'index.html'), `<h1 id="top">Top</h1>${body}`)
    fs.writeFileSync(path.join(folder, 'docs', 'index.html'), '<h2 id="a-heading">A heading</h2><a name="old">Old</a>')
    fs.writeFileSync(path.join(folder, 'docs', 'data.html'), '<a href="../#top">Up</a>')
    fs.writeFileSync(path.join(folder, 'picture.png'), '')
    fs.writeFileSync(path.join(folder, 'plain.css'), style)
    return problems(folder, base)
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

test('links that lead somewhere are no problem', () => {
  for (const href of ['/docs/', '/docs/data', 'docs/data.html', '#top', '/docs/#a-heading', 'docs/index.html#old', '/']) {
    assert.deepEqual(site(`<a href="${href}">x</a>`), [], href)
  }
  assert.deepEqual(site('<img src="picture.png"><a href="https://example.org/">x</a><a href="mailto:a@b.c">y</a>'), [])
  assert.deepEqual(site('<a href="/base/docs/#a-heading">x</a>', '/base/'), [])
})

test('each kind of link to nothing is named with its page', () => {
  for (const [body, said] of [
    ['<a href="/docs/none.html">x</a>', 'index.html: /docs/none.html leads to no file'],
    ['<a href="#none">x</a>', 'index.html: #none leads to no heading of index.html'],
    ['<a href="/docs/#none">x</a>', 'index.html: /docs/#none leads to no heading of docs/index.html'],
    ['<img src="none.png">', 'index.html: none.png leads to no file'],
  ]) {
    assert.deepEqual(site(body), [said])
  }
  assert.deepEqual(site('<a href="/docs/">x</a>', '/base/'), ['index.html: /docs/ is not under /base/, where the site stands'])
})

test('what a page would fetch from elsewhere is named', () => {
  for (const body of [
    '<script src="https://example.org/a.js"></script>',
    '<link rel="stylesheet" href="//example.org/a">',
    '<img src="http://example.org/a.png">',
  ]) {
    assert.match(site(body)[0], /^index\.html: fetches .*example\.org/)
  }
  assert.match(site('', '/', 'a { background: url(//example.org/a.png) }')[0], /^plain\.css: fetches \/\/example\.org\/a\.png/)
})

test('what a style needs has to be there', () => {
  for (const style of ["@import url('picture.png');", '@import "picture.png";', 'a { background: url(data:,) }', 'a { filter: url(#a) }']) {
    assert.deepEqual(site('', '/', style), [], style)
  }
  assert.deepEqual(site('', '/base/', 'a { background: url(/base/picture.png) }'), [])
  for (const style of ["@import url('fonts/none.css');", '@import "fonts/none.css";', 'a { background: url( fonts/none.css ) }']) {
    assert.deepEqual(site('', '/', style), ['plain.css: fonts/none.css leads to no file'])
  }
  assert.deepEqual(site('', '/base/', 'a { background: url(/picture.png) }'), ['plain.css: /picture.png leads to no file'])
})

test('an empty folder is a problem', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'site-'))
  assert.match(problems(folder)[0], /no page in it/)
  fs.rmdirSync(folder)
})
