/** A small writer of Protocol Buffers messages, which needs no library. */
@NullMarked
package maskfeat.wire;

import org.jspecify.annotations.NullMarked;
