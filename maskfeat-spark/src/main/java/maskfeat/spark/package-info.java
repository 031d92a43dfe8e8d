/** Data jobs of Apache Spark: embed, predict and scan, one row a file. */
@NullMarked
package maskfeat.spark;

import org.jspecify.annotations.NullMarked;
