/** What is predicted: features of the hidden patches. */
@NullMarked
package maskfeat.feature;

import org.jspecify.annotations.NullMarked;
