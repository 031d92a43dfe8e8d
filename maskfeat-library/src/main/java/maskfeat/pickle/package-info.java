/** Values out of Python's pickles. Nothing read from a file is executed; what a name means is said by who reads. */
@NullMarked
package maskfeat.pickle;

import org.jspecify.annotations.NullMarked;
