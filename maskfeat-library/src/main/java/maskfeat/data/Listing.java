package maskfeat.data;

import java.util.List;

/**
 * What a form of data sets lists.
 *
 * @param items in order, each with its label or {@link Item#UNLABELLED}
 * @param classes names by label; empty where there are none
 */
record Listing(List<Item> items, List<String> classes) {
    Listing {
        items = List.copyOf(items);
        classes = List.copyOf(classes);
    }
}
