/** From a decoded image to the crop the network sees: one file an augmentation, plain Java. */
@NullMarked
package maskfeat.augment;

import org.jspecify.annotations.NullMarked;
