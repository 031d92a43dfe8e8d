/** From files to batches, in plain Java arrays, on loader threads. Never imports libtorch. */
@NullMarked
package maskfeat.data;

import org.jspecify.annotations.NullMarked;
