/** What a person sees: progress, metric files, pictures, the HTML report. */
@NullMarked
package maskfeat.report;

import org.jspecify.annotations.NullMarked;
