/** Frozen networks whose features, tokens or scores of a picture are what another network learns to predict. */
@NullMarked
package maskfeat.teacher;

import org.jspecify.annotations.NullMarked;
