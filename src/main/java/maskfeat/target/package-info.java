/** What is predicted: features of the hidden patches. */
@NullMarked
package maskfeat.target;

import org.jspecify.annotations.NullMarked;
