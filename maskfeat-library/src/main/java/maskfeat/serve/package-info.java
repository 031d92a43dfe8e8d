/** Networks over HTTP: the Open Inference Protocol, plain requests with a file as body, figures, a page to try it. */
@NullMarked
package maskfeat.serve;

import org.jspecify.annotations.NullMarked;
