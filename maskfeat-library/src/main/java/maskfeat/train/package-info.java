/** When weights move: the loop, the optimizer, the schedule, checkpoints. Knows no task and no model. */
@NullMarked
package maskfeat.train;

import org.jspecify.annotations.NullMarked;
