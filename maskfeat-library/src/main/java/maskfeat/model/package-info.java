/** How tokens are encoded: backbones, mask token, heads; official parameter names. */
@NullMarked
package maskfeat.model;

import org.jspecify.annotations.NullMarked;
