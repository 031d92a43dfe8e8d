/**
 * The settings engine: records as a tree of keys, read strictly from YAML, JSON and the command line, each with its
 * origin. Knows no setting of this program.
 */
@NullMarked
package maskfeat.settings;

import org.jspecify.annotations.NullMarked;
