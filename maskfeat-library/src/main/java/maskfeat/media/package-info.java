/** Reads and writes images and clips. The only package that uses ffmpeg. */
@NullMarked
package maskfeat.media;

import org.jspecify.annotations.NullMarked;
