/** Files and folders that are there whole or not at all, and checksums of them. */
@NullMarked
package maskfeat.disk;

import org.jspecify.annotations.NullMarked;
