/** What is trained: from a batch to a loss. */
@NullMarked
package maskfeat.task;

import org.jspecify.annotations.NullMarked;
