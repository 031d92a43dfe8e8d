/** Prediction targets: features of the hidden tokens. */
@NullMarked
package maskfeat.feature;

import org.jspecify.annotations.NullMarked;
