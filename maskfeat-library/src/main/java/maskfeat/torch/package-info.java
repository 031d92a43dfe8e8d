/** The only place that deals with native peculiarities: scopes, optionals, devices, generators, array conversion. */
@NullMarked
package maskfeat.torch;

import org.jspecify.annotations.NullMarked;
