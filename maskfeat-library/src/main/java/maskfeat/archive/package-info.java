/** Zip and tar files as folders to read from, without unpacking them. */
@NullMarked
package maskfeat.archive;

import org.jspecify.annotations.NullMarked;
