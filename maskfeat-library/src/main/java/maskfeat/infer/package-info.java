/** Trained networks ready for use: images, videos or frames in; scores, features and reconstructions out. */
@NullMarked
package maskfeat.infer;

import org.jspecify.annotations.NullMarked;
