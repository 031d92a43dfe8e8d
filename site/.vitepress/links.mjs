import fs from 'node:fs'
import path from 'node:path'

const PAGE = /^(?:docs\/[^/]+|examples\/README|[^/]+)\.md$/

/**
 * Makes links between files of the checkout links of the site: README.md is the index of its folder, and what is no page
 * is in the repository. A link to nothing ends the build.
 */
export function links(md, root, repository) {
  md.core.ruler.push('links of the checkout', (state) => {
    for (const token of state.tokens.flatMap((block) => block.children ?? [])) {
      const href = token.type === 'link_open' && token.attrGet('href')
      if (!href || /^([a-z]+:|#)/i.test(href)) {
        continue
      }
      const [target, anchor = ''] = href.split(/(?=#)/)
      const page = state.env.realPath ?? state.env.path
      const file = path.resolve(path.dirname(page), decodeURI(target))
      const inside = path.relative(root, file).replaceAll(path.sep, '/')
      if (!fs.existsSync(file)) {
        throw new Error(`${path.relative(root, page)}: there is no ${inside}, which a link leads to`)
      }
      if (PAGE.test(inside)) {
        token.attrSet('href', '/' + inside.replace(/README\.md$/, 'index.md') + anchor)
      } else {
        const kind = fs.statSync(file).isDirectory() ? 'tree' : 'blob'
        token.attrSet('href', `${repository}/${kind}/main/${inside}${anchor}`)
      }
    }
  })
}
