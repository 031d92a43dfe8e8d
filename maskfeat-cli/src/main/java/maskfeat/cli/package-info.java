/** The command line: one class a command. The only importer of picocli. */
@NullMarked
package maskfeat.cli;

import org.jspecify.annotations.NullMarked;
