/** Protocol Buffers messages, written by hand: a library would be larger than what is needed of it. */
@NullMarked
package maskfeat.wire;

import org.jspecify.annotations.NullMarked;
