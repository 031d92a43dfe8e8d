/** Layers with the parameter names of PyTorch and the arithmetic of the official code. */
@NullMarked
package maskfeat.nn;

import org.jspecify.annotations.NullMarked;
