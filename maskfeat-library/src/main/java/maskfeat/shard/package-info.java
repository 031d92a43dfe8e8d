/** Parts of the files of a command, done by a process each, and what becomes of their results. */
@NullMarked
package maskfeat.shard;

import org.jspecify.annotations.NullMarked;
