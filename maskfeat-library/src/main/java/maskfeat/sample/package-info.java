/** The generated data set: images and clips with known classes, drawn from a seed. */
@NullMarked
package maskfeat.sample;

import org.jspecify.annotations.NullMarked;
