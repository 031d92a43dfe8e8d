/** Rules that decide which tokens are hidden from the network, one file each, in plain Java. */
@NullMarked
package maskfeat.mask;

import org.jspecify.annotations.NullMarked;
