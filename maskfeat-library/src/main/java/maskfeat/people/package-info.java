/** Boxes of people in pictures, from a model file that the user has. Needs ONNX Runtime, which the library does not bring. */
@NullMarked
package maskfeat.people;

import org.jspecify.annotations.NullMarked;
