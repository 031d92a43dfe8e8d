/**
 * Weights of other programs: whose names they have, what those are here, and which network of ours they are for. What is
 * read is a proposal; every tensor is compared with the parameters of the network that it proposes.
 */
@NullMarked
package maskfeat.foreign;

import org.jspecify.annotations.NullMarked;
