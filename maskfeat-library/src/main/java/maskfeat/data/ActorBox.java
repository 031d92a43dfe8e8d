package maskfeat.data;

import java.util.List;
import maskfeat.augment.Rectangle;

/**
 * Somebody in a clip and what is being done.
 *
 * @param box where, in pixels of the frames, at the clip's key frame
 * @param actions numbers of the classes, counted from 0; none for somebody who does nothing that has a class
 */
public record ActorBox(Rectangle box, List<Integer> actions) {
    public ActorBox {
        actions = List.copyOf(actions);
    }
}
