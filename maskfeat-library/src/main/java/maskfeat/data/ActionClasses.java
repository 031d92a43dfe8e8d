package maskfeat.data;

import java.util.List;

/**
 * The actions of a data set, numbered from 0.
 *
 * @param names by number
 * @param ids by number, as annotations have them
 * @param counted numbers of those that count in an evaluation
 */
public record ActionClasses(List<String> names, List<Integer> ids, List<Integer> counted) {
    public ActionClasses {
        names = List.copyOf(names);
        ids = List.copyOf(ids);
        counted = List.copyOf(counted);
        if (names.size() != ids.size()) {
            throw new IllegalArgumentException(names.size() + " names for " + ids.size() + " ids of actions");
        }
    }
}
