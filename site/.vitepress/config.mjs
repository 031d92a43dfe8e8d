import { slug } from 'github-slugger'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import license from 'rollup-plugin-license'
import { defineConfig } from 'vitepress'
import { links } from './links.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
// site/build says it; a link to a file that is no page does not get it by itself.
const base = process.env.SITE_BASE ?? '/'
const outDir = path.join(root, 'target', 'site')
const pom = fs.readFileSync(path.join(root, 'pom.xml'), 'utf8')
const version = pom.match(/<version>(.*?)<\/version>/)[1]
const repository = pom.match(/<scm[^]*?<url>(.*?)<\/url>/)[1]

// The theme, Vue and the rest are in the site's scripts without their licences, so the texts lie beside them.
const licences = license({
  thirdParty: { multipleVersions: true, output: { file: path.join(outDir, 'licences.txt'), encoding: 'utf-8' } },
})

// A page becomes a module that imports Vue, and above the pages is no node_modules.
const packages = {
  name: 'packages of the site',
  enforce: 'pre',
  resolveId(source, importer) {
    return /^vue(\/|$)/.test(source) && importer?.endsWith('.md')
      ? this.resolve(source, fileURLToPath(import.meta.url), { skipSelf: true })
      : null
  },
}

export default defineConfig({
  title: 'MaskFeat for the JVM',
  description: 'Pre-trains vision transformers on unlabelled video or images, from Java or the command line.',
  lang: 'en',
  base,
  srcDir: root,
  outDir,
  cacheDir: path.join(root, 'target', 'site-cache'),
  // Of a checkout, in which anything may lie, only these are pages.
  srcExclude: ['!(docs|examples)/**/*', '!(README|CHANGELOG|CONTRIBUTING|SECURITY|THIRD-PARTY).md', 'examples/*/**/*'],
  rewrites: (page) => page.replace(/README\.md$/, 'index.md'),
  transformPageData: (page) => {
    if (page.relativePath === 'index.md') {
      page.title = 'Unlabelled video or images to a pre-trained vision transformer'
    }
  },
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    // As GitHub makes them: the pages are read there too.
    anchor: { slugify: slug },
    toc: { slugify: slug },
    // A block without a language is shell commands; DocsTest holds it.
    defaultHighlightLang: 'sh',
    config: (md) => {
      links(md, root, repository)
      const fence = md.renderer.rules.fence
      md.renderer.rules.fence = (tokens, index, ...rest) =>
        tokens[index].info.trim() === 'mermaid'
          ? `<Mermaid graph="${encodeURIComponent(tokens[index].content)}" />`
          : fence(tokens, index, ...rest)
      // A browser breaks lines after each hyphen, also those of --config and from-network.
      const code = md.renderer.rules.code_inline
      md.renderer.rules.code_inline = (tokens, index, ...rest) => {
        if (/^\S{1,30}$/.test(tokens[index].content)) {
          tokens[index].attrJoin('class', 'word')
        }
        return code(tokens, index, ...rest)
      }
    },
  },
  vite: {
    publicDir: false,
    plugins: [packages, { ...licences, apply: (config) => !config.build?.ssr }],
    // Mermaid is large, and only fetched for a page with a diagram.
    build: { chunkSizeWarningLimit: 2000 },
  },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        miniSearch: {
          // Names such as hold-out and train.batch are words as they are, besides their parts. The browser gets this
          // function as text, so it names nothing outside of itself.
          options: {
            tokenize: (text) =>
              text.split(/[\s|`'"()[\]{},;:<>=]+/u).flatMap((word) => {
                const plain = word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
                const parts = plain.split(/[^\p{L}\p{N}_]+/u)
                return parts.length > 1 ? [plain, ...parts] : [plain]
              }),
          },
          searchOptions: { fuzzy: 0.15, prefix: true, boost: { title: 2, titles: 1, text: 1 } },
        },
      },
    },
    outline: { level: [2, 3] },
    externalLinkIcon: true,
    socialLinks: [{ icon: 'github', link: repository }],
    nav: [
      { text: 'Tutorial', link: '/docs/tutorial' },
      { text: 'Recipes', link: '/docs/recipes' },
      { text: 'Settings', link: '/docs/settings' },
      { text: 'Javadoc', link: '/javadoc/index.html', target: '_self' },
      { text: version, link: '/CHANGELOG' },
    ],
    sidebar: [
      {
        text: 'Begin',
        items: [
          { text: 'What it is', link: '/' },
          { text: 'Which page for what', link: '/docs/' },
          { text: 'Tutorial', link: '/docs/tutorial' },
          { text: 'Words', link: '/docs/vocabulary' },
        ],
      },
      {
        text: 'Train',
        items: [
          { text: 'Data', link: '/docs/data' },
          { text: 'Recipes', link: '/docs/recipes' },
          { text: 'Settings', link: '/docs/settings' },
          { text: 'Targets', link: '/docs/targets' },
          { text: 'Fine-tuning and measuring', link: '/docs/finetuning' },
          { text: 'Detection', link: '/docs/detection' },
          { text: 'Weights of other programs', link: '/docs/weights' },
          { text: 'Speed and results', link: '/docs/benchmarks' },
          { text: 'Troubleshooting', link: '/docs/troubleshooting' },
        ],
      },
      {
        text: 'Use',
        items: [
          { text: 'Over HTTP', link: '/docs/serving' },
          { text: 'ONNX', link: '/docs/export' },
          { text: 'Many machines', link: '/docs/cluster' },
          { text: 'Apache Spark', link: '/docs/spark' },
          { text: 'Container', link: '/docs/container' },
          { text: 'Files of a run', link: '/docs/formats' },
        ],
      },
      {
        text: 'From Java',
        items: [
          { text: 'The library', link: '/docs/library' },
          { text: 'Example application', link: '/examples/' },
          { text: 'Javadoc', link: '/javadoc/index.html', target: '_self' },
        ],
      },
      {
        text: 'The project',
        items: [
          { text: 'Architecture', link: '/docs/architecture' },
          { text: 'Working on it', link: '/CONTRIBUTING' },
          { text: 'Publishing a version', link: '/docs/releasing' },
          { text: 'What is new', link: '/CHANGELOG' },
          { text: 'Security', link: '/SECURITY' },
          { text: 'What others made', link: '/THIRD-PARTY' },
          { text: 'Licences of this site', link: `${base}licences.txt`, target: '_self' },
        ],
      },
    ],
  },
})
