/**
 * The paper's comparisons at any scale: which trainings are set side by side, what the paper found, and which of its orders the
 * figures show. Plain values: whoever runs the trainings brings the figures.
 */
@NullMarked
package maskfeat.ablation;

import org.jspecify.annotations.NullMarked;
