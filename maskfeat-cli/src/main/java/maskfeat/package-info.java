/** MaskFeat for the JVM: the front door. */
@NullMarked
package maskfeat;

import org.jspecify.annotations.NullMarked;
