/** Annotations of boxes: files of many formats become rows, and rows become key frames. No video is opened here. */
@NullMarked
package maskfeat.boxes;

import org.jspecify.annotations.NullMarked;
