/** What a file of weights says of its network, opening such files, and carrying weights from one network to another. */
@NullMarked
package maskfeat.network;

import org.jspecify.annotations.NullMarked;
