/** Networks as ONNX files, for programs that do not have this library: the same numbers from another runtime. */
@NullMarked
package maskfeat.onnx;

import org.jspecify.annotations.NullMarked;
