/** Weights in files. Nothing read from a file is executed; sizes are checked before memory is taken. */
@NullMarked
package maskfeat.weights;

import org.jspecify.annotations.NullMarked;
