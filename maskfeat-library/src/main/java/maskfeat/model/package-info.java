/** Networks: backbones, mask token and heads, with the official parameter names. */
@NullMarked
package maskfeat.model;

import org.jspecify.annotations.NullMarked;
