package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;

/**
 * One of our tensors and what another program has of it: itself under another name, or parts that follow each other along
 * its first dimension. A {@code *} stands for the number of a block, a {@code #} for that of a prediction head.
 *
 * @param ours our name
 * @param theirs of each part; empty for a part that is all zeros and not stored
 */
record Rule(String ours, List<String> theirs) {
    static final String ZEROS = "";

    Rule(String ours, String... theirs) {
        this(ours, List.of(theirs));
    }

    /** Under the same name. */
    static Rule same(String name) {
        return new Rule(name, name);
    }

    /** Weight and bias of one layer. */
    static List<Rule> layer(String ours, String theirs) {
        return List.of(new Rule(ours + ".weight", theirs + ".weight"), new Rule(ours + ".bias", theirs + ".bias"));
    }

    /** This rule for each block and head. */
    List<Rule> each(int blocks, int heads) {
        List<Rule> all = new ArrayList<>();
        String place = ours.contains("*") ? "*" : "#";
        int count = ours.contains("*") ? blocks : ours.contains("#") ? heads : 1;
        for (int i = 0; i < count; i++) {
            String number = String.valueOf(i);
            all.add(new Rule(
                    ours.replace(place, number),
                    theirs.stream().map(name -> name.replace(place, number)).toList()));
        }
        return all;
    }
}
