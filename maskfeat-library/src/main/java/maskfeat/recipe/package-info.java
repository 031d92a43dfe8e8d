/** Runs as values: the settings tree, the published recipes by name, files and overrides. */
@NullMarked
package maskfeat.recipe;

import org.jspecify.annotations.NullMarked;
