/**
 * Runs as values, the recipes, and what puts a run together: data, network, task, optimizer, loop, report. A task kind is its
 * own files here and one name in {@link maskfeat.run.TaskConfig}.
 */
@NullMarked
package maskfeat.run;

import org.jspecify.annotations.NullMarked;
