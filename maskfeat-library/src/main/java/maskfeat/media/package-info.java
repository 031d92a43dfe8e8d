/** Pictures and clips from and to files. The only importer of ffmpeg. */
@NullMarked
package maskfeat.media;

import org.jspecify.annotations.NullMarked;
