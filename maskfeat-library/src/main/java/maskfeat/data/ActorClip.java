package maskfeat.data;

import java.util.List;
import maskfeat.media.Frames;

/**
 * A clip with those who act in it.
 *
 * @param frames as the network sees them, before normalisation
 * @param actors may be none
 */
public record ActorClip(Frames frames, List<ActorBox> actors) {
    public ActorClip {
        actors = List.copyOf(actors);
    }
}
