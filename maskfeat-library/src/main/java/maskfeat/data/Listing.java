package maskfeat.data;

import java.util.List;

/**
 * What a form of data sets lists.
 *
 * @param items in order, each with its label or {@link Item#UNLABELLED}
 * @param classes names by label; empty where there are none
 * @param notices what a person should know of how it was read, a sentence each
 */
record Listing(List<Item> items, List<String> classes, List<String> notices) {
    Listing {
        notices = List.copyOf(notices);
        items = List.copyOf(items);
        classes = List.copyOf(classes);
    }

    Listing(List<Item> items, List<String> classes) {
        this(items, classes, List.of());
    }
}
