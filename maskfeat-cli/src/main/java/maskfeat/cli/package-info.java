/** The command line: one class a command. Beside the jobs of Spark the only importer of picocli. */
@NullMarked
package maskfeat.cli;

import org.jspecify.annotations.NullMarked;
