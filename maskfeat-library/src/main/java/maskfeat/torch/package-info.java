/** The one home of native oddities: scopes, optionals, devices, generators, arrays to tensors and back. */
@NullMarked
package maskfeat.torch;

import org.jspecify.annotations.NullMarked;
