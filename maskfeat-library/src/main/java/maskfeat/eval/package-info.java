/** What predictions are worth: accuracy, calibration, nearest neighbours. Plain arrays; no network is needed here. */
@NullMarked
package maskfeat.eval;

import org.jspecify.annotations.NullMarked;
