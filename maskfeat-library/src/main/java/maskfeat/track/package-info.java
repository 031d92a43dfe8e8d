/** Runs in a tracking server that others see too. */
@NullMarked
package maskfeat.track;

import org.jspecify.annotations.NullMarked;
