/** What is hidden from the network: one file a rule, plain Java. */
@NullMarked
package maskfeat.mask;

import org.jspecify.annotations.NullMarked;
